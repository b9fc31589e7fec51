"""The configuration of collection: a TOML file."""

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.typed_toml import read_toml

INTO = ("", "cdr", "topups")
_Form = TypeVar("_Form")


class SourceConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[[source]]: `kind` is the name of an entry point, `into` a folder below the input folder."""

    name: str
    kind: str
    into: str = "cdr"
    options: dict[str, Any] = {}


class RunConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[run]: what a run after each round with arrivals needs."""

    snapshot: str
    key_file: str
    zone: str = "Asia/Kolkata"
    threads: int = 2
    memory_limit: str = "1GB"


class CollectConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file; `out` is the out folder of the runs, whose ledger knows what was collected."""

    input: str
    out: str
    source: list[SourceConfig]
    every_s: float = 30.0
    run: RunConfig | None = None


def read_config(path: Path) -> CollectConfig:
    """The configuration in a file.

    Raises:
        OperatorError: it cannot be read, or a value cannot be; names file and key.
    """
    config = read_config_file(path, CollectConfig)
    names = [source.name for source in config.source]
    if not names or len(set(names)) < len(names):
        raise OperatorError(
            "needs [[source]] tables, each with a name of its own", file=str(path), key="source"
        )
    for source in config.source:
        if source.into not in INTO:
            raise OperatorError(
                f"{source.into!r} is not one of {', '.join(map(repr, INTO))}",
                file=str(path),
                key="source.into",
            )
    return config


def read_config_file(path: Path, form: type[_Form]) -> _Form:
    """A TOML file as a typed value.

    Raises:
        OperatorError: it cannot be read, or is not of that form; names file, line and key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(
            f"the configuration cannot be read as UTF-8 text ({type(error).__name__})", file=str(path)
        ) from None
    return read_toml(text, str(path), form)
