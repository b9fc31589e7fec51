"""Kept files: where the files of records lie, which of them count, and what is left to remove.

OUT/records/KIND/day=YYYY-MM-DD/NNNNNN.parquet holds the records of a UTC day, OUT/records/KIND/NNNNNN.parquet
what has no moment (states, cells, permissions); NNNNNN is the run that wrote the file. manifest.json lists
the files that count, for every reader; a file that it does not name is to be ignored.
"""

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from cdr_ingest.formats.layouts import RowKind
from cdr_ingest.store.ledger_rows import KeptRow
from operator_push.kernel.contracts import (
    RECORDS_MANIFEST,
    RECORDS_MANIFEST_VERSION,
    RecordFile,
    RecordsManifest,
)


class KeptFiles:
    """The files below OUT/records."""

    def __init__(self, out: Path) -> None:
        self.manifest = out / RECORDS_MANIFEST
        self.root = self.manifest.parent

    def path(self, kind: str, day: str, run_no: int) -> Path:
        """Where a run keeps the records of one kind, of one day where it has moments."""
        folder = self.root / kind / f"day={day}" if day else self.root / kind
        return folder / f"{run_no:06d}.parquet"

    def of(self, row: KeptRow) -> Path:
        """The file of a row of the ledger."""
        return self.path(row.kind, row.day, row.run_no)

    def by_kind(self, rows: Iterable[KeptRow]) -> dict[RowKind, list[Path]]:
        """The files of these rows by kind of record."""
        kinds = {kind.value: kind for kind in RowKind}
        found: dict[RowKind, list[Path]] = {}
        for row in rows:
            if row.kind in kinds:
                found.setdefault(kinds[row.kind], []).append(self.of(row))
        return found

    def legacy(self, kind: str, run_no: int) -> Path:
        """Where the first version of this program kept all records of a kind, whatever their day."""
        return self.root / f"{run_no:06d}" / f"{kind}.parquet"

    def publish(self, rows: Sequence[KeptRow]) -> None:
        """Write manifest.json."""
        files = [
            RecordFile(
                self.of(row).relative_to(self.root).as_posix(), row.kind, row.day, row.run_no, row.rows
            )
            for row in rows
        ]
        self.root.mkdir(exist_ok=True)
        beside = self.root / ".manifest.part"
        manifest = RecordsManifest(RECORDS_MANIFEST_VERSION, tuple(files))
        beside.write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
        os.replace(beside, self.manifest)

    def remove_all_but(self, keep: Iterable[Path]) -> None:
        """Remove every other file and every folder that is empty then."""
        kept = {self.manifest, *keep}
        if not self.root.exists():
            return
        for folder, folders, names in os.walk(self.root, topdown=False):
            for name in names:
                if (path := Path(folder) / name) not in kept:
                    path.unlink()
            for name in folders:
                if not any((Path(folder) / name).iterdir()):
                    shutil.rmtree(Path(folder) / name)
