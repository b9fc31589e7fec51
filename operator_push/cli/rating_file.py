"""Tariffs as documents: from files, or as a running server keeps them."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from operator_push.cli.control_client import ControlClient
from operator_push.cli.tariff_file import read_tariff_file
from operator_push.domain.message import TrafficClass
from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.simple_rows import document_of_rows
from operator_push.domain.tariff import TariffRow
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso
from operator_push.services.manage_documents import ROWS

SERVER_TARIFF = "server"
_STORED = re.compile(r"[^/@]*@\d{1,9}")


def read_document(file: Path) -> TariffDocument:
    """The tariff of a file: a document (.toml, .json), or the [[tariff]] rows of a configuration or a CSV.

    Raises:
        OperatorError: the file cannot be read or is wrong; file, line and key are named.
    """
    if is_rows(file):
        return document_of_rows(map(_row, read_tariff_file(file)), file.stem, 1)
    return read_tariff(_text(file), str(file))


def read_tariffs(words: Iterable[str], ask: Callable[[], ControlClient]) -> list[TariffDocument]:
    """The tariffs of several words: files, or NAME@VERSION for versions that the running server keeps.

    Raises:
        OperatorError: as `read_document`, or the server does not keep such a version.
    """
    return [_stored(word, ask()) if is_stored(word) else read_document(Path(word)) for word in words]


def is_stored(word: str) -> bool:
    """Whether a word names a version in the server: NAME@VERSION, or @VERSION of the tariff in force."""
    return _STORED.fullmatch(word) is not None and not Path(word).exists()


def stored_document(server: ControlClient, tariff: str | None, version: int | None) -> TariffDocument:
    """A version that the running server keeps; left out: the tariff in force, its highest version."""
    kept = server.call("tariff.document", tariff=tariff, version=version)["document"]
    return read_tariff(kept["text"], kept["file"])


def server_document(server: ControlClient) -> TariffDocument:
    """The tariff in force in a running server: its highest version, or its simple rows."""
    shown = server.call("tariff.show")
    if shown["in_force"] != ROWS:
        return stored_document(server, shown["in_force"], None)
    return document_of_rows(map(_row, shown["rows"]), SERVER_TARIFF, int(shown["version"]))


def document_text(file: Path) -> str:
    """The text of a document's file, once it has been read without a fault.

    Raises:
        OperatorError: as `read_document`.
    """
    text = _text(file)
    read_tariff(text, str(file))
    return text


def is_rows(file: Path) -> bool:
    """Whether a file holds simple rows: a CSV, or TOML that is no document (it has no name, no price)."""
    if file.suffix.lower() != ".toml":
        return file.suffix.lower() != ".json"
    try:
        found = tomllib.loads(_text(file))
    except tomllib.TOMLDecodeError:
        return False
    return not isinstance(found.get("tariff"), str) and "price" not in found


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"cannot be read: {error.strerror}", file=str(file)) from error
    except UnicodeDecodeError as error:
        raise OperatorError(f"is not UTF-8: {error}", file=str(file)) from error


def _row(asked: Mapping[str, Any]) -> TariffRow:
    name = asked["traffic_class"] or "any"
    return TariffRow(
        prefix=str(asked["prefix"]),
        price_micros=int(asked["price_micros"]),
        currency=str(asked["currency"]),
        traffic_class=None if name == "any" else TrafficClass[str(name).upper()],
        valid_from_us=parse_iso(asked["valid_from"]) if asked["valid_from"] else 0,
        valid_until_us=parse_iso(asked["valid_until"]) if asked["valid_until"] else None,
    )


def _stored(word: str, server: ControlClient) -> TariffDocument:
    name, _, version = word.rpartition("@")
    return stored_document(server, name or None, int(version))
