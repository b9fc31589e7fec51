"""Staging: what passed the door waits on disk, checkpoint by checkpoint, until its run counts.

OUT/staging/NNNNNN.parquet holds the rows between two checkpoints, as `part_file` writes them; rejects.csv the
masked rejects so far, each behind the file_id of its file, rejects.sealed the same with their octets,
encrypted. A checkpoint makes all durable and then says so in the ledger, in one transaction with how far each
file is read. What lies here and is not in the ledger is what a dead run left: it is removed, and read again.
"""

import csv
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdr_ingest.door.row_filter import Reject
from cdr_ingest.formats.layouts import LAYOUTS, RowKind
from cdr_ingest.ingest.part_file import PartFile
from cdr_ingest.ingest.run_counts import FileCounts
from cdr_ingest.rejects.masked_file import masked_row
from cdr_ingest.rejects.sealed_file import SealedReject, SealedWriter, seal_key
from cdr_ingest.store.file_ledger import FileLedger
from cdr_ingest.store.ledger_rows import PartRow


@dataclass(frozen=True, slots=True)
class BlockOutcome:
    """What became of a block: `kept` rows, and rejects of the file or archive member of that name.

    `header`: octets that must stand before the rejects for these to be read alone.
    """

    octets: int
    kept: Any
    name: str
    rejects: Sequence[Reject]
    is_text: bool = True
    header: bytes = b""


class Staging:
    """The staging folder of the run at work; `now_us` is the moment at which its checkpoints are dated."""

    _ROWS_MAX = 2_000_000  # Ours: what a crash costs where the input is packed

    def __init__(self, folder: Path, ledger: FileLedger, now_us: int, octets_max: int, key: bytes) -> None:
        self.folder = folder
        self._ledger = ledger
        self._now_us = now_us
        self._octets_max = octets_max
        self._parts = ledger.parts()
        self._dead_part_no = self._parts[-1].part_no if self._parts else 0
        self._kind = RowKind.CDR
        self.tracks_files = True  # False: checkpoints do not say how far files are read
        self._part: PartFile | None = None
        self._changed: dict[int, FileCounts] = {}
        self._octets = 0
        self.rejects = folder / "rejects.csv"
        self.sealed = folder / "rejects.sealed"
        self._tidy()
        self._masked = self.rejects.open("a", encoding="utf-8", newline="")
        self._writer = csv.writer(self._masked, lineterminator="\n")
        self._sealed = SealedWriter(self.sealed, seal_key(key))

    def close(self) -> None:
        """Let go of the files."""
        if self._part is not None:
            self._part.abandon()
        self._masked.close()
        self._sealed.close()

    def begin(self, kind: RowKind) -> None:
        """Rows of this kind follow."""
        self._kind = kind

    def add(self, counts: FileCounts, found: BlockOutcome) -> None:
        """The outcome of a block of a file, whose `counts` are already those after the block."""
        self._writer.writerows((counts.file_id, *masked_row(found.name, one)) for one in found.rejects)
        self._sealed.add(_sealed_rejects(counts, found))
        if found.kept is not None and found.kept.num_rows:
            if self._part is None:
                self._part = PartFile(self._path(self._next_part_no()), LAYOUTS[self._kind].moment)
            self._part.add(found.kept)
        self._octets += found.octets
        self.note(counts)
        rows = self._part.rows if self._part is not None else 0
        if self._octets >= self._octets_max or rows >= self._ROWS_MAX:
            self.checkpoint()

    def note(self, counts: FileCounts) -> None:
        """The file's state has changed; the next checkpoint says so."""
        self._changed[counts.file_id] = counts

    def checkpoint(self) -> None:
        """What was added so far survives a crash; nothing to do where nothing was added."""
        if not self._changed:
            return
        part_no = self._next_part_no()
        days: tuple[int, ...] = ()
        if self._part is not None:
            days = self._part.close()
            _sync(self._path(part_no))
        self._masked.flush()
        os.fsync(self._masked.fileno())
        sealed_octets = self._sealed.sync()
        _sync(self.folder)
        part = PartRow(part_no, self._kind.value, days, self._masked.tell(), sealed_octets)
        files = [counts.row(self._now_us) for counts in self._changed.values()] if self.tracks_files else []
        self._ledger.checkpoint(files, part)
        self._parts.append(part)
        self._part, self._changed, self._octets = None, {}, 0

    def days(self, kind: RowKind) -> set[int]:
        """The UTC days, since 1970, of which something was staged."""
        return {day for part in self._parts if part.kind == kind.value for day in part.days}

    def parts(self, kind: RowKind, day: int | None = None) -> list[Path]:
        """The staged files with rows of a kind, and of a day where it has moments."""
        return [self._path(part.part_no) for part in self._of(kind, day)]

    def is_stale(self, kind: RowKind, day: int | None = None) -> bool:
        """True where some of them were staged by a run that died, under the permissions of then."""
        return any(part.part_no <= self._dead_part_no for part in self._of(kind, day))

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

    def _next_part_no(self) -> int:
        return self._parts[-1].part_no + 1 if self._parts else 1

    def _path(self, part_no: int) -> Path:
        return self.folder / f"{part_no:06d}.parquet"

    def _tidy(self) -> None:
        """Remove what the ledger does not know of."""
        self.folder.mkdir(exist_ok=True)
        known = {self._path(part.part_no) for part in self._parts} | {self.rejects, self.sealed}
        for path in self.folder.iterdir():
            if path not in known:
                path.unlink()
        last = self._parts[-1] if self._parts else None
        for path, octets in (
            (self.rejects, last.reject_octets if last else 0),
            (self.sealed, last.sealed_octets if last else 0),
        ):
            if path.exists():
                os.truncate(path, octets)


def _sealed_rejects(counts: FileCounts, found: BlockOutcome) -> Iterator[SealedReject]:
    for one in found.rejects:
        yield SealedReject(
            content_sha256=counts.file.content_sha256,
            kind=counts.file.kind.value,
            name=found.name,
            line_no=one.line_no,
            reason=one.reason.name,
            detail=one.detail,
            octets=one.octets,
            is_text=found.is_text,
            header=found.header,
            file_id=counts.file_id,
        )


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
