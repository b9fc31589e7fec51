"""Happenings: what leaves the door of a stream, and the rows of it as detection reads them.

A value is null where the person does not permit what it needs beyond the record itself: a place needs
location, a balance top-ups, a device the subscriber record. So nothing that may not be used can be told.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cdr_ingest.door.kept_columns import KEPT_COLUMNS
from cdr_ingest.formats.layouts import LAYOUTS, RowKind
from cdr_ingest.triggers.config import LineConfig
from operator_push.kernel.contracts import DataPurpose

_DIGEST = dict(KEPT_COLUMNS[RowKind.CDR])["record_key"]
_CALLED = r"regexp_replace(correspondent, '^(\+|00)', '')"
_MISSED = "typed_kind = 'MO_CALL' AND typed_duration_s = 0"


class Happening(NamedTuple):
    """One row of one person. `at_us`: its moment, that of reading where it has none; `record_key` 0 where
    the row is a state."""

    subscriber_no: int
    at_us: int
    purposes: int
    record_key: int = 0
    cell_id: str | None = None
    network: str | None = None
    balance_micros: int | None = None
    amount_micros: int | None = None
    device_tac: str | None = None
    device_os: str | None = None
    plan: str | None = None
    plan_ends_on: int | None = None  # days since 1970
    line: str | None = None


def happening_columns(lines: Sequence[LineConfig]) -> Mapping[RowKind, Sequence[tuple[str, str]]]:
    """What of a row leaves the door, for RowFilter; `lines` are those that people ring."""

    def where(bit: DataPurpose, sql: str) -> str:
        return f"CASE WHEN purposes & {int(bit)} <> 0 THEN {sql} END"

    def typed(kind: RowKind, name: str) -> str:
        known = {value.name for value in LAYOUTS[kind].values}
        return f"typed_{name}" if name in known else "NULL"

    named = " ".join(
        f"WHEN {_CALLED} = '{number}' THEN '{line.name.replace(chr(39), chr(39) * 2)}'"
        for line in lines
        for number in line.numbers
    )
    line = f"CASE WHEN {_MISSED} THEN CASE {named} END END" if named else "NULL"
    cdr, top_up, contract = RowKind.CDR, RowKind.TOP_UP, RowKind.SUBSCRIBER
    return {
        cdr: (
            ("at_us", "typed_started_at_us"),
            ("purposes", "purposes"),
            ("record_key", _DIGEST),
            ("cell_id", where(DataPurpose.LOCATION, typed(cdr, "cell_id"))),
            ("network", where(DataPurpose.LOCATION, typed(cdr, "network"))),
            ("balance_micros", where(DataPurpose.TOP_UP, typed(cdr, "balance_micros"))),
            ("device_tac", where(DataPurpose.SUBSCRIBER_RECORD, typed(cdr, "device_tac"))),
            ("line", line),
        ),
        top_up: (
            ("at_us", "typed_topped_up_at_us"),
            ("purposes", "purposes"),
            ("record_key", _DIGEST),
            ("amount_micros", "typed_amount_micros"),
            ("balance_micros", typed(top_up, "balance_micros")),
        ),
        contract: (
            ("purposes", "purposes"),
            ("device_tac", typed(contract, "device_tac")),
            ("device_os", "typed_device_os"),
            ("plan", "typed_plan"),
            ("plan_ends_on", f"{typed(contract, 'plan_ends_on')}::DATE - DATE '1970-01-01'"),
        ),
    }


def happenings(kept: Any, read_us: int) -> Iterator[Happening]:
    """The rows of an Arrow table that left the door, in the order in which they happened."""
    names = [name for name in kept.column_names if name in Happening._fields]
    order = [("at_us", "ascending"), ("position", "ascending")] if "at_us" in names else "position"
    columns = kept.sort_by(order).select(names).to_pydict()
    if "at_us" not in columns:
        columns["at_us"] = [read_us] * kept.num_rows
    names = list(columns)
    for values in zip(*columns.values(), strict=True):
        yield Happening(**dict(zip(names, values, strict=True)))
