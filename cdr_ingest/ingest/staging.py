"""Staging: what passed the door waits on disk, checkpoint by checkpoint, until its run counts.

OUT/staging/NNNNNN.parquet holds the rows between two checkpoints, one row group per UTC day; rejects.csv the
masked rejects so far, each behind the file_id of its file. A checkpoint makes both durable and then says so
in the ledger, in one transaction with how far each file is read. What lies here and is not in the ledger is
what a dead run left: it is removed, and read again.
"""

import csv
import os
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cdr_ingest.door.row_filter import Reject
from cdr_ingest.formats.layouts import LAYOUTS, RowKind
from cdr_ingest.ingest.run_counts import FileCounts
from cdr_ingest.store.file_ledger import FileLedger
from cdr_ingest.store.ledger_rows import PartRow
from operator_push.kernel.instants import MICROS_PER_DAY

REJECT_COLUMNS = ("file", "line", "reason", "detail", "raw")


class Staging:
    """The staging folder of the run at work; `now_us` is the moment at which its checkpoints are dated."""

    _ROWS_MAX = 1_000_000  # Ours: about 60 MB of waiting rows

    def __init__(self, folder: Path, ledger: FileLedger, now_us: int, octets_max: int) -> None:
        self.folder = folder
        self._ledger = ledger
        self._now_us = now_us
        self._octets_max = octets_max
        self._parts = ledger.parts()
        self._dead_part_no = self._parts[-1].part_no if self._parts else 0
        self._kind = RowKind.CDR
        self._waiting: list[Any] = []
        self._changed: dict[int, FileCounts] = {}
        self._octets = self._rows = 0
        self._tidy()
        self._rejects = (folder / "rejects.csv").open("a", encoding="utf-8", newline="")
        self._writer = csv.writer(self._rejects, lineterminator="\n")

    def close(self) -> None:
        """Let go of the files."""
        self._rejects.close()

    def begin(self, kind: RowKind) -> None:
        """Rows of this kind follow."""
        self._kind = kind

    def add(self, counts: FileCounts, octets: int, kept: Any, name: str, rejects: Sequence[Reject]) -> None:
        """The outcome of a block of a file, whose `counts` are already those after the block.

        `name` is that of the file, or of the member of an archive, which the lines of `rejects` count in.
        """
        self._writer.writerows(
            (counts.file_id, name, r.line_no, r.reason.name, r.detail, r.raw) for r in rejects
        )
        if kept is not None and kept.num_rows:
            self._waiting.append(kept)
            self._rows += kept.num_rows
        self._octets += octets
        self._changed[counts.file_id] = counts
        if self._octets >= self._octets_max or self._rows >= self._ROWS_MAX:
            self.checkpoint()

    def checkpoint(self) -> None:
        """What was added so far survives a crash; nothing to do where nothing was added."""
        if not self._changed:
            return
        part_no = self._parts[-1].part_no + 1 if self._parts else 1
        days: tuple[int, ...] = ()
        if self._waiting:
            days = _write_by_day(pa.concat_tables(self._waiting), self._kind, self._path(part_no))
            _sync(self._path(part_no))
        self._rejects.flush()
        os.fsync(self._rejects.fileno())
        _sync(self.folder)
        part = PartRow(part_no, self._kind.value, days, self._rejects.tell())
        self._ledger.checkpoint([counts.row(self._now_us) for counts in self._changed.values()], part)
        self._parts.append(part)
        self._waiting, self._changed = [], {}
        self._octets = self._rows = 0

    def days(self, kind: RowKind) -> set[int]:
        """The UTC days, since 1970, of which something was staged."""
        return {day for part in self._parts if part.kind == kind.value for day in part.days}

    def parts(self, kind: RowKind, day: int | None = None) -> list[Path]:
        """The staged files with rows of a kind, and of a day where it has moments."""
        return [self._path(part.part_no) for part in self._of(kind, day)]

    def is_stale(self, kind: RowKind, day: int | None = None) -> bool:
        """True where some of them were staged by a run that died, under the permissions of then."""
        return any(part.part_no <= self._dead_part_no for part in self._of(kind, day))

    def write_rejects(self, target: Path, file_ids: Collection[int]) -> None:
        """Write the reject file of the run: the rejects of the files with these ids."""
        self._rejects.flush()
        with (
            (self.folder / "rejects.csv").open(encoding="utf-8", newline="") as staged,
            target.open("w", encoding="utf-8", newline="") as file,
        ):
            file.write(",".join(REJECT_COLUMNS) + "\n")
            for line in staged:
                file_id, _, rest = line.partition(",")
                if int(file_id) in file_ids:
                    file.write(rest)

    def clear(self) -> None:
        """The run counts: nothing waits any more."""
        self.close()
        shutil.rmtree(self.folder)

    def _of(self, kind: RowKind, day: int | None) -> list[PartRow]:
        # Rows without a moment have no day; their part has rows where its file exists.
        return [
            part
            for part in self._parts
            if part.kind == kind.value
            and (day in part.days if day is not None else self._path(part.part_no).exists())
        ]

    def _path(self, part_no: int) -> Path:
        return self.folder / f"{part_no:06d}.parquet"

    def _tidy(self) -> None:
        """Remove what the ledger does not know of."""
        self.folder.mkdir(exist_ok=True)
        known = {self._path(part.part_no) for part in self._parts} | {self.folder / "rejects.csv"}
        for path in self.folder.iterdir():
            if path not in known:
                path.unlink()
        with (self.folder / "rejects.csv").open("ab") as rejects:
            rejects.truncate(self._parts[-1].reject_octets if self._parts else 0)


class CellRejects:
    """cell-rejects.csv: cells are reference data, read in every run, and never staged."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(REJECT_COLUMNS)

    def write(self, file_name: str, rejects: Sequence[Reject]) -> None:
        """Add the rejects of one file."""
        self._writer.writerows((file_name, r.line_no, r.reason.name, r.detail, r.raw) for r in rejects)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def _write_by_day(rows: Any, kind: RowKind, path: Path) -> tuple[int, ...]:
    """Write a Parquet file with one row group per UTC day; its days."""
    moment = LAYOUTS[kind].moment
    with pq.ParquetWriter(path, rows.schema, compression="snappy") as writer:
        if moment is None:
            writer.write_table(rows)
            return ()
        # Moments lie after 1970, so that division rounds as the calendar does.
        days = pc.divide(rows.column(moment), MICROS_PER_DAY)
        counted = sorted((c["values"], c["counts"]) for c in pc.value_counts(days).to_pylist())
        if len(counted) > 1:
            rows = rows.take(pc.sort_indices(days))
        at = 0
        for _, count in counted:
            writer.write_table(rows.slice(at, count), row_group_size=count)
            at += count
        return tuple(day for day, _ in counted)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
