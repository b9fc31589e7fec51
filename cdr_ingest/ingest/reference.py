"""Reference data: cells, devices and plans, read in every run and known from then on.

Of each key there may be rows of several days (`valid_from`); of the same key and day the row that came last
counts. What a run does not bring stays known.
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cdr_ingest.door.row_filter import RowFilter
from cdr_ingest.formats.layouts import LAYOUTS, REFERENCE_KINDS, RowKind
from cdr_ingest.formats.row_blocks import empty_block
from cdr_ingest.ingest.file_reading import filtered_blocks
from cdr_ingest.ingest.keeping import Keeping
from cdr_ingest.ingest.out_folder import rejects_name
from cdr_ingest.ingest.run_counts import FileCounts
from cdr_ingest.progress import ProgressReport
from cdr_ingest.rejects.masked_file import MaskedFile

KEYS = {RowKind.CELL: "cell_id", RowKind.DEVICE: "tac", RowKind.PLAN: "plan_code"}
"""The column by which other rows refer to a row of the kind."""


def read_references(
    files: list[FileCounts], door: RowFilter, keeping: Keeping, reports: Any, progress: ProgressReport
) -> None:
    """Read the files of every kind; the door knows the cells afterwards.

    Raises:
        ResourceError: a file cannot be read.
    """
    for kind in REFERENCE_KINDS:
        of_kind = [counts for counts in files if counts.file.kind is kind]
        former = keeping.former_reference(kind)
        rows: dict[tuple[str, Any], dict[str, Any]] = {}
        if former is not None:
            rows |= _by_key(kind, pq.read_table(former))
        rejects = MaskedFile(reports / rejects_name(kind.value))
        try:
            for counts in of_kind:
                for table in _tables(counts, door, rejects, progress):
                    rows |= _by_key(kind, table)
        finally:
            rejects.close()
        if former is not None or of_kind:
            keeping.keep_table(kind.value, pa.Table.from_pylist([*rows.values()], _schema(kind, door)))
        if kind is RowKind.CELL:
            door.know_cells([*dict.fromkeys(key for key, _ in rows)])


def _by_key(kind: RowKind, table: Any) -> dict[tuple[str, Any], dict[str, Any]]:
    return {(row[KEYS[kind]], row.get("valid_from")): row for row in table.to_pylist()}


def _schema(kind: RowKind, door: RowFilter) -> Any:
    layout = LAYOUTS[kind]
    return door.filter_block(layout, empty_block(layout.columns), 0).kept.schema


def _tables(
    counts: FileCounts, door: RowFilter, rejects: MaskedFile, progress: ProgressReport
) -> Iterator[Any]:
    for found in filtered_blocks(counts, door, LAYOUTS[counts.file.kind], progress):
        rejects.write(found.name, found.rejects)
        if found.kept is not None:
            yield found.kept
