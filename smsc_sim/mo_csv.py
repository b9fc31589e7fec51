"""CSV files of messages from handsets: read, checked row by row, and put on the run's clock.

RFC 4180 with a header. A row's moment is its column at_s, or its place in the file at the table's rate.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import msgspec

from operator_push.kernel.errors import OperatorError
from smsc_sim.scenario_handsets import MoCsv

_ADDRESS_CHARACTERS_MAX = 20  # SMPP v3.4 section 4.6.1
_NEEDED = ("source", "destination", "text")


class MoRow(msgspec.Struct, frozen=True):
    """One message from a handset; `offset_s` from the start of the run, `line` in its file."""

    line: int
    offset_s: float
    system_id: str
    source: str
    destination: str
    text: str


def read_mo_csv(table: MoCsv) -> Sequence[MoRow]:
    """All rows in the order of their moments.

    Raises:
        OperatorError: the file cannot be read, a column is missing, or a row is wrong; with the line.
    """
    path = Path(table.file)
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            _check_columns(table, reader.fieldnames or ())
            rows = [_row(table, number, reader.line_num, fields) for number, fields in enumerate(reader)]
    except OSError as error:
        raise OperatorError(f"cannot read {path.name}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise OperatorError(f"{path.name} is no CSV in UTF-8: {error}") from error
    if not rows:
        raise OperatorError(f"{path.name} has no rows below its header")
    return rows if table.rate_per_s is not None else sorted(rows, key=lambda row: row.offset_s)


def cycle_s(table: MoCsv, rows: Sequence[MoRow]) -> float:
    """How long one pass over the rows takes, where the table repeats; never nothing."""
    if table.rate_per_s is not None:
        return len(rows) / table.rate_per_s
    return max(rows[-1].offset_s - table.start_s, 1.0)


def _check_columns(table: MoCsv, names: Sequence[str]) -> None:
    needed = [*_NEEDED]
    if not table.system_id:
        needed.append("system_id")
    if table.rate_per_s is None:
        needed.append("at_s")
    missing = [name for name in needed if name not in names]
    if missing:
        raise OperatorError(
            f"{Path(table.file).name} lacks the column {missing[0]!r}; it has {', '.join(names)}"
        )


def _row(table: MoCsv, number: int, line: int, fields: dict[str, str | None]) -> MoRow:
    def wrong(what: str) -> OperatorError:
        return OperatorError(f"{Path(table.file).name} line {line}: {what}")

    source, destination, text = (fields[name] or "" for name in _NEEDED)
    for name, address in (("source", source), ("destination", destination)):
        if not 1 <= len(address) <= _ADDRESS_CHARACTERS_MAX:
            raise wrong(f"{name} has {len(address)} characters; 1 to {_ADDRESS_CHARACTERS_MAX} are allowed")
        if not address.isascii() or not address.isprintable():
            raise wrong(f"{name} is {address!r}; digits, letters and signs of ASCII are allowed")
    if not text:
        raise wrong("text is empty")
    system_id = table.system_id or fields["system_id"] or ""
    if not system_id:
        raise wrong("system_id is empty")
    if table.rate_per_s is not None:
        return MoRow(line, table.start_s + number / table.rate_per_s, system_id, source, destination, text)
    try:
        at_s = float(fields["at_s"] or "")
    except ValueError:
        at_s = -1.0
    if not at_s >= 0 or at_s == float("inf"):
        raise wrong(f"at_s is {fields['at_s']!r}; seconds from the start are allowed")
    return MoRow(line, table.start_s + at_s, system_id, source, destination, text)
