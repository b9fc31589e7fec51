"""Tariffs as documents: from a file, or from the rows of a running server."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from operator_push.cli.control_client import ControlClient
from operator_push.cli.tariff_file import read_tariff_file
from operator_push.domain.message import TrafficClass
from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.simple_rows import document_of_rows, rows_of_document
from operator_push.domain.tariff import TariffRow
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso, parse_iso

SERVER_TARIFF = "server"


def read_document(file: Path) -> TariffDocument:
    """The tariff of a file: a document (.toml, .json), or the [[tariff]] rows of a configuration or a CSV.

    Raises:
        OperatorError: the file cannot be read or is wrong; file, line and key are named.
    """
    if is_rows(file):
        return document_of_rows(map(_row, read_tariff_file(file)), file.stem, 1)
    return read_tariff(_text(file), str(file))


def rows_to_import(file: Path) -> list[dict[str, Any]]:
    """The rows of a file as the call tariff.import takes them.

    Raises:
        OperatorError: as `read_document`, or the document says what a running server cannot do yet.
    """
    if is_rows(file):
        return read_tariff_file(file)
    document = read_document(file)
    try:
        return [_asked(row) for row in rows_of_document(document)]
    except OperatorError as error:
        raise OperatorError(str(error), file=str(file)) from error


def server_document(server: ControlClient) -> TariffDocument:
    """The tariff in force in a running server."""
    shown = server.call("tariff.show")
    return document_of_rows(map(_row, shown["rows"]), SERVER_TARIFF, int(shown["version"]))


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


def _asked(row: TariffRow) -> dict[str, Any]:
    return {
        "prefix": row.prefix,
        "traffic_class": row.traffic_class.name.lower() if row.traffic_class else "any",
        "price_micros": row.price_micros,
        "currency": row.currency,
        "valid_from": iso(row.valid_from_us) if row.valid_from_us else None,
        "valid_until": iso(row.valid_until_us) if row.valid_until_us is not None else None,
    }


def documents_of(files: Iterable[Path]) -> list[TariffDocument]:
    """The documents of several files, which are versions of one tariff."""
    return [read_document(file) for file in files]
