"""Trial: what a run would read of one file, without a snapshot, and nothing of it is kept."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from cdr_ingest.door.e164 import e164_reader
from cdr_ingest.formats.layout import bound
from cdr_ingest.formats.layouts import LAYOUTS, Layout, RowKind
from cdr_ingest.formats.row_blocks import LINE_NO, RowBlock, raw_columns, shown_columns, typed_values
from cdr_ingest.formats.text_blocks import BLOCK_OCTETS
from cdr_ingest.mapping.mapping import FileMapping
from cdr_ingest.reading.opening import HowRead, read_rows
from operator_push.kernel.errors import ResourceError
from operator_push.kernel.instants import to_epoch_us
from operator_push.kernel.numbering import normalise_msisdn

_TRIAL_BLOCK_OCTETS = 1024 * 1024
_EARLIEST_US = to_epoch_us(datetime(2000, 1, 1, tzinfo=UTC))
# A trial has no clock: whether a record is of the future is for the run to say.
_LATEST_US = to_epoch_us(datetime(2200, 1, 1, tzinfo=UTC))


def try_rows(
    file: Path, kind: RowKind, mapping: FileMapping | None, zone: str, blocks_max: int | None = None
) -> dict[str, Any]:
    """Counts of good and rejected rows by the layout's own checks; cells and permission are not asked.

    With `blocks_max` only so many blocks, of a megabyte each, are read.

    Raises:
        ResourceError: the file cannot be read.
    """
    layout = LAYOUTS[kind]
    read = 0
    reasons: Counter[str] = Counter()
    lines: dict[str, int] = {}
    with _engine() as engine:
        octets = BLOCK_OCTETS if blocks_max is None else _TRIAL_BLOCK_OCTETS
        for block in islice(_blocks(file, layout, mapping, zone, octets), blocks_max):
            bad = [(row.line_no - block.lines_before, row.reason.name) for row in block.broken]
            read += block.table.num_rows + len(block.broken)
            for line_no, place in _verdicts(engine, layout, block):
                bad.append((line_no - block.lines_before, layout.checks[place].reason.name))
            for line_no, reason in sorted(bad):
                reasons[reason] += 1
                lines.setdefault(reason, line_no)
    rejected = reasons.total()
    return {
        "read": read,
        "good": read - rejected,
        "rejected": rejected,
        "rejected_by_reason": dict(sorted(reasons.items())),
        "first_lines": lines,
    }


def seen_rows(file: Path, kind: RowKind, mapping: FileMapping | None, zone: str) -> Iterator[dict[str, Any]]:
    """Every row with its line and the layout's columns as text; of a broken one its reason.

    Raises:
        ResourceError: the file cannot be read.
    """
    layout = LAYOUTS[kind]
    with _engine() as engine:
        for block in _blocks(file, layout, mapping, zone):
            columns = shown_columns(block, layout.own_columns)
            engine.register("block_rows", block.table)
            rows = engine.sql(f"SELECT {LINE_NO} AS line, {columns} FROM block_rows").to_arrow_table()
            engine.unregister("block_rows")
            found: list[dict[str, Any]] = rows.to_pylist()
            found += [
                {
                    "line": row.line_no,
                    "rejected": row.reason.name,
                    "detail": row.detail,
                    "octets": len(row.octets),
                }
                for row in block.broken
            ]
            for row in sorted(found, key=lambda one: one["line"]):
                row["line"] -= block.lines_before
                yield row if not block.member else {"member": block.member, **row}


def _blocks(
    file: Path, layout: Layout, mapping: FileMapping | None, zone: str, octets: int = BLOCK_OCTETS
) -> Iterator[RowBlock]:
    try:
        yield from read_rows(file, layout, HowRead(mapping, zone), octets)
    except OSError as error:
        raise ResourceError(f"{file}: the file cannot be read ({error.strerror})") from error


@contextmanager
def _engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that sees numbers and has no disk."""
    engine = duckdb.connect(":memory:", config={"temp_directory": ""})
    try:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute("SET enable_progress_bar = false")
        engine.create_function("is_number", _is_number, ["VARCHAR"], "BOOLEAN")
        engine.create_function("is_contract_number", _is_contract_number(), ["VARCHAR"], "BOOLEAN")
        yield engine
    finally:
        engine.close()


def _is_number(text: str) -> bool:
    return normalise_msisdn(text) is not None


def _is_contract_number() -> Callable[[str], bool]:
    read = e164_reader()
    return lambda text: read(text) is not None


def _verdicts(engine: duckdb.DuckDBPyConnection, layout: Layout, block: RowBlock) -> list[tuple[int, int]]:
    """(line, place of the check that held) of every row that one holds."""
    raw, typed = raw_columns(block, layout), typed_values(block, layout)
    checks = " ".join(f"WHEN {check.bad_when} THEN {place}" for place, check in enumerate(layout.checks))
    asked = "is_contract_number" if layout.kind is RowKind.SUBSCRIBER else "is_number"
    number = f"{asked}({layout.number})" if layout.number is not None else "true"
    sql = (
        f"WITH raw_rows AS (SELECT {LINE_NO}, {raw} FROM block_rows),"
        f" typed_rows AS (SELECT *, {typed}, true AS cell_known, {number} AS number_valid FROM raw_rows)"
        f" SELECT {LINE_NO}, CASE {checks} END AS verdict FROM typed_rows WHERE verdict IS NOT NULL"
    )
    sql = bound(sql, _EARLIEST_US, _LATEST_US)
    engine.register("block_rows", block.table)
    try:
        return engine.sql(sql).fetchall()
    finally:
        engine.unregister("block_rows")
