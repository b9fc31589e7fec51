"""File reading: new files go block by block through the door; what passes waits in Parquet."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cdr_ingest.door.row_filter import Reject, RowFilter
from cdr_ingest.formats.layouts import LAYOUTS, Layout, RowKind
from cdr_ingest.formats.opening import read_rows
from cdr_ingest.formats.row_blocks import RowBlock, empty_block
from cdr_ingest.ingest.input_files import InputFile
from cdr_ingest.ingest.reject_file import RejectFile
from cdr_ingest.ingest.run_counts import FileCounts
from cdr_ingest.progress import ProgressReport
from operator_push.kernel.errors import ResourceError


class KeptWriter:
    """Collects kept rows of one kind; rows reach the file in groups of a useful size, not per block."""

    _ROWS_PER_GROUP = 500_000

    def __init__(self, path: Path, schema: Any) -> None:
        self._writer = pq.ParquetWriter(path, schema, compression="snappy")
        self._waiting: list[Any] = []
        self._waiting_rows = 0

    def add(self, rows: Any) -> None:
        """Take an Arrow table of the schema."""
        self._waiting.append(rows)
        self._waiting_rows += rows.num_rows
        if self._waiting_rows >= self._ROWS_PER_GROUP:
            self._flush()

    def close(self) -> None:
        """Write what waits and finish the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting, self._waiting_rows = [], 0


def read_events(
    kind: RowKind,
    files: Sequence[tuple[int, FileCounts]],
    door: RowFilter,
    rejects: RejectFile,
    target: Path,
    progress: ProgressReport,
) -> None:
    """Read the new files of a kind; what passes goes to `target`, a Parquet file without numbers.

    `files` are (file number, counts to fill).
    """
    writer: KeptWriter | None = None
    for file_no, counts in files:
        for kept, name, found in _filtered_blocks(counts, door, LAYOUTS[kind], file_no, progress):
            rejects.write(name, found)
            if kept is not None:
                writer = writer or KeptWriter(target, kept.schema)
                writer.add(kept)
    if writer is None:
        empty = door.filter_block(LAYOUTS[kind], empty_block(LAYOUTS[kind].columns), 0).kept
        writer = KeptWriter(target, empty.schema)
    writer.close()


def read_cells(
    counts: FileCounts, door: RowFilter, rejects: RejectFile, progress: ProgressReport
) -> list[Any]:
    """The cells of a file as Arrow tables of cell_id, city, latitude, longitude."""
    tables = []
    for kept, name, found in _filtered_blocks(counts, door, LAYOUTS[RowKind.CELL], 0, progress):
        rejects.write(name, found)
        if kept is not None:
            tables.append(kept)
    return tables


def _filtered_blocks(
    counts: FileCounts, door: RowFilter, layout: Layout, file_no: int, progress: ProgressReport
) -> Iterator[tuple[Any, str, list[Reject]]]:
    """(kept rows or None, name, rejects) per block, with `counts` grown by the block.

    The name is the file's, with that of the archive's member where it is one; lines count from its begin.
    """
    for block in _blocks(counts.file, layout):
        filtered = door.filter_block(layout, block, file_no)
        counts.read += filtered.read
        counts.rejected += len(filtered.rejects)
        counts.not_permitted += filtered.not_permitted
        counts.reasons.update(reject.reason.name for reject in filtered.rejects)
        progress.advance(block.octets, filtered.read)
        name = f"{counts.file.name}/{block.member}" if block.member else counts.file.name
        before = block.lines_before
        yield filtered.kept, name, [replace(one, line_no=one.line_no - before) for one in filtered.rejects]


def _blocks(file: InputFile, layout: Layout) -> Iterator[RowBlock]:
    try:
        yield from read_rows(file.path, layout)
        octets = file.path.stat().st_size
    except OSError as error:
        raise ResourceError(f"{file.name}: the file cannot be read ({error.strerror})") from error
    if octets != file.octets:
        # Its content hash would name something else than what was read.
        raise ResourceError(
            f"{file.name}: the file changed while it was read; drop files when they are complete"
        )
