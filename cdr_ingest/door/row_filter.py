"""Row filter: one block of rows in; counts, rejects and pseudonymous rows out.

A block is typed by DuckDB column by column. Outcomes of a row: rejected (a check held), not
permitted (nobody in the snapshot, or somebody who does not permit this kind of row), or kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cdr_ingest.door.contacts import ContactPseudonyms
from cdr_ingest.door.e164 import e164_reader
from cdr_ingest.door.hmac_pads import record_salt
from cdr_ingest.door.kept_columns import CONTACT, KEPT_COLUMNS, NOTED, NOTED_COLUMNS
from cdr_ingest.door.number_index import OWNER_COLUMNS, NumberIndex, know_permission
from cdr_ingest.door.snapshot import PermissionSnapshot
from cdr_ingest.formats.layout import bound
from cdr_ingest.formats.layouts import Layout, RowKind
from cdr_ingest.formats.reject_reasons import RejectReason
from cdr_ingest.formats.row_blocks import LINE_NO, RowBlock, raw_columns, typed_values
from cdr_ingest.masking import mask_field, mask_row, mask_words

LINE_BITS = 32  # position = file number << LINE_BITS | line
_OWNER = "owner_"  # before OWNER_COLUMNS, so that a block's own columns may have any name
_ROWS_PER_BATCH = 16_384  # so that the engine's threads share a block


@dataclass(frozen=True, slots=True)
class Reject:
    """A rejected row; `detail` and `raw` are masked as the reject file shows them, `octets` are its own."""

    line_no: int
    reason: RejectReason
    detail: str
    raw: str
    octets: bytes = b""


@dataclass(slots=True)
class FilteredBlock:
    """What became of a block's rows: read = len(rejects) + not_permitted + kept.num_rows."""

    read: int
    not_permitted: int
    rejects: list[Reject] = field(default_factory=list)
    kept: Any = None  # an Arrow table of position, subscriber_no and KEPT_COLUMNS, or the values of cells


@dataclass(frozen=True, slots=True)
class MomentBounds:
    """The earliest and latest moment that a record may have, microseconds since 1970."""

    earliest_us: int
    latest_us: int


class RowFilter:
    """The door's engine; one per run, used by one thread."""

    def __init__(
        self,
        snapshot: PermissionSnapshot,
        key: bytes,
        bounds: MomentBounds,
        threads: int,
        memory_limit: str,
        kept_columns: Mapping[RowKind, Sequence[tuple[str, str]]] = KEPT_COLUMNS,
        region: str = "",
    ) -> None:
        """`kept_columns`: what of a row leaves the door, as door.kept_columns has it; `region` is that of
        subscriber records' numbers without a country."""
        # No temp_directory: this database holds numbers and may never reach a disk.
        self._connection = duckdb.connect(
            ":memory:", config={"threads": str(threads), "memory_limit": memory_limit, "temp_directory": ""}
        )
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET enable_progress_bar = false")
        know_permission(self._connection, snapshot)
        self.numbers = NumberIndex(self._connection, key)
        self._contract_numbers = NumberIndex(
            self._connection, key, "contract_number_index", e164_reader(region)
        )
        self._bounds = bounds
        self._salt = record_salt(key)
        self._contacts = ContactPseudonyms(key)
        self._kept_columns = kept_columns
        self._check_cells = False

    def move(self, bounds: MomentBounds) -> None:
        """From now on moments are judged by these."""
        self._bounds = bounds

    def know_cells(self, cell_ids: Sequence[str]) -> None:
        """From now on a cell_id must be one of these; without cells nothing is known and none is checked."""
        self._connection.register("cells", pa.table({"cell_id": pa.array(cell_ids, pa.string())}))
        self._connection.execute(
            "CREATE OR REPLACE TABLE known_cell AS SELECT DISTINCT cell_id AS known_cell_id FROM cells"
        )
        self._connection.unregister("cells")
        self._check_cells = bool(cell_ids)

    def filter_block(self, layout: Layout, block: RowBlock, file_no: int) -> FilteredBlock:
        """Judge every row of a block whose columns are the layout's."""
        return self.with_pseudonyms(self.judge_block(layout, block, file_no))

    def with_pseudonyms(self, judged: FilteredBlock) -> FilteredBlock:
        """A block that `judge_block` made, with pseudonyms in place of its contacts; in any thread."""
        kept = judged.kept
        place = kept.schema.get_field_index(CONTACT)
        if place >= 0 and pa.types.is_binary(kept.schema.field(place).type):
            judged.kept = kept.set_column(place, CONTACT, self._contacts.of(kept.column(place)))
        return judged

    def judge_block(self, layout: Layout, block: RowBlock, file_no: int) -> FilteredBlock:
        """The first half of `filter_block`: contacts are what their pseudonyms are made of."""
        judged = self._judge(layout, block, file_no)
        if layout.number is None:
            # The engine's threads return rows in any order; events carry their position, cells do not.
            judged = judged.sort_by(LINE_NO)
        noted = 0
        passed = pc.is_null(judged.column("verdict"))
        if self._notes(layout):
            noted = pc.sum(judged.column("noted")).as_py() or 0
            passed = pc.or_(judged.column("kept"), judged.column("noted"))
            judged = judged.drop_columns(["kept", "noted"])
        bad = judged.filter(pc.is_valid(judged.column("verdict"))).select([LINE_NO, "verdict", "bad_value"])
        verdicts = [*zip(*(column.to_pylist() for column in bad.columns), strict=True)]
        rejects = sorted(_rejects(layout, block, verdicts), key=lambda reject: reject.line_no)
        kept = judged.drop_columns([LINE_NO, "verdict", "bad_value"]).filter(passed)
        read = block.table.num_rows + len(block.broken)
        return FilteredBlock(read, read - len(rejects) - (kept.num_rows - noted), rejects, kept)

    def _notes(self, layout: Layout) -> bool:
        """Whether rows that are not kept are noted where they say something nonetheless."""
        return layout.kind is RowKind.SUBSCRIBER and self._kept_columns is KEPT_COLUMNS

    def _index(self, layout: Layout) -> NumberIndex:
        return self._contract_numbers if layout.kind is RowKind.SUBSCRIBER else self.numbers

    def calls_of(self, block: RowBlock, layout: Layout, lines: Sequence[str]) -> list[tuple[str, str, int]]:
        """(line, caller, moment in µs) of calls that these numbers received and did not take, in order.

        `lines` are digits without + and 00; rows that break a check of their number or moment are left out.
        """
        digits = r"regexp_replace(msisdn, '^(\+|00)', '')"
        with self._registered(block.table):
            sql = (
                f"WITH raw_rows AS (SELECT {LINE_NO}, {raw_columns(block, layout)} FROM block_rows)"
                f" SELECT {digits}, correspondent, typed_started_at_us FROM"
                f" (SELECT *, {typed_values(block, layout)} FROM raw_rows)"
                f" WHERE kind = 'MT_CALL' AND typed_duration_s = 0 AND list_contains(?, {digits})"
                " AND typed_started_at_us BETWEEN ? AND ? ORDER BY line_no"
            )
            bounds = self._bounds
            asked = [list(lines), bounds.earliest_us, bounds.latest_us]
            return self._connection.sql(sql, params=asked).fetchall()

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()

    def _judge(self, layout: Layout, block: RowBlock, file_no: int) -> Any:
        """line_no, verdict (the place of the check that held, or null), bad_value and the kept columns of
        every row that is kept or rejected; who permits nothing is passed over before anything is computed."""
        table = block.table
        if layout.number is not None:
            numbers = self._column(block, layout.number)
            for name, values in self._index(layout).owners(numbers).items():
                table = table.append_column(_OWNER + name, values)
        with self._registered(table):
            sql = self._judge_sql(layout, block, file_no)
            salt = {"salt": self._salt} if "$salt" in sql else {}
            return self._connection.sql(sql, params=salt).to_arrow_table()

    def _column(self, block: RowBlock, name: str) -> Any:
        """The texts of a column, in the order of the block's rows."""
        expression = block.columns[name]
        if expression in block.table.column_names:
            return block.table.column(expression)
        with self._registered(block.table):
            found = self._connection.sql(f"SELECT {LINE_NO}, {expression} AS number FROM block_rows")
            # The engine's threads return rows in any order.
            return found.to_arrow_table().sort_by(LINE_NO).column("number")

    @contextmanager
    def _registered(self, table: Any) -> Iterator[None]:
        batches = table.combine_chunks().to_batches(max_chunksize=_ROWS_PER_BATCH)
        self._connection.register("block_rows", pa.Table.from_batches(batches, table.schema))
        try:
            yield
        finally:
            self._connection.unregister("block_rows")

    def _judge_sql(self, layout: Layout, block: RowBlock, file_no: int) -> str:
        raw, typed = raw_columns(block, layout), typed_values(block, layout)
        checks = " ".join(f"WHEN {check.bad_when} THEN {place}" for place, check in enumerate(layout.checks))
        bad_value = " ".join(f"WHEN {place} THEN {check.column}" for place, check in enumerate(layout.checks))
        joins, found, kept, owners = "", "true AS cell_known", "verdict IS NULL", ""
        columns = tuple((value.name, f"typed_{value.name}") for value in layout.values)
        if layout.kind is RowKind.CDR and self._check_cells:
            joins += " LEFT JOIN known_cell ON known_cell.known_cell_id = typed_rows.cell_id"
            found = "known_cell_id IS NOT NULL AS cell_known"
        if layout.number is not None:
            owners = "".join(f", {_OWNER}{name} AS {name}" for name in OWNER_COLUMNS)
            need = int(layout.purpose)
            kept += f" AND purposes & {need} = {need}"
            columns = (
                ("position", f"{file_no << LINE_BITS} + {LINE_NO}"),
                ("subscriber_no", "subscriber_no"),
                *self._kept_columns[layout.kind],
            )
        noted, chosen, counting = "", [f"{sql} AS {name}" for name, sql in columns], "kept"
        if self._notes(layout):
            noted, counting = f", {NOTED} AS noted", "kept OR noted"
            said = dict(columns[:2]) | NOTED_COLUMNS
            chosen = [
                f"CASE WHEN kept THEN {sql} WHEN noted THEN {said.get(name, 'NULL')} END AS {name}"
                for name, sql in columns
            ]
            chosen = ["kept", "noted", *chosen]
        sql = (
            f"WITH raw_rows AS (SELECT {LINE_NO}{owners}, {raw} FROM block_rows),"
            f" typed_rows AS (SELECT *, {typed} FROM raw_rows),"
            f" known_rows AS (SELECT *, {found} FROM typed_rows{joins}),"
            f" judged_rows AS (SELECT *, CASE {checks} END AS verdict FROM known_rows),"
            f" kept_rows AS (SELECT *, {kept} AS kept{noted} FROM judged_rows)"
            f" SELECT {LINE_NO}, verdict, CASE verdict {bad_value} END AS bad_value, {', '.join(chosen)}"
            f" FROM kept_rows WHERE verdict IS NOT NULL OR {counting}"
        )
        return bound(sql, self._bounds.earliest_us, self._bounds.latest_us)


def _rejects(layout: Layout, block: RowBlock, verdicts: Sequence[tuple[int, int, str]]) -> Iterator[Reject]:
    """The rows with a verdict (line number, place of the check, the value of its column) and broken ones."""

    def reject(line_no: int, reason: RejectReason, detail: str, octets: bytes) -> Reject:
        shown = octets.decode(errors="backslashreplace") if block.is_text else f"{len(octets)} octets"
        if layout.number is not None:  # of reference data nothing is about a person
            shown = mask_words(shown)
        return Reject(line_no, reason, detail, mask_row(shown), octets)

    for line_no, verdict, value in verdicts:
        check = layout.checks[verdict]
        told = mask_field(value) if layout.number is None else mask_words(mask_field(value))
        detail = f"{check.column} is empty" if value == "" else f"{check.column} is {told}"
        yield reject(line_no, check.reason, detail, block.octets_of(line_no))
    for row in block.broken:
        yield reject(row.line_no, row.reason, row.detail, row.octets)
