"""Kept files: the folder of the run that counts, that of the run at work, and what is left to remove."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from cdr_ingest.formats.layouts import RowKind


class KeptFiles:
    """The folders below OUT/records, named by run number."""

    def __init__(self, out: Path) -> None:
        self._root = out / "records"

    def of_run(self, run_no: int) -> dict[RowKind, Path]:
        """The files that a run wrote; run 0 wrote none."""
        folder = self._folder(run_no)
        return {
            kind: self.path(run_no, kind) for kind in RowKind if (folder / f"{kind.value}.parquet").exists()
        }

    def path(self, run_no: int, kind: RowKind) -> Path:
        """Where a run keeps one kind of record."""
        return self._folder(run_no) / f"{kind.value}.parquet"

    def prepare(self, run_no: int) -> Path:
        """A new empty folder for a run; what a dead run of this number left is removed."""
        folder = self._folder(run_no)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def remove_all_but(self, run_nos: Iterable[int]) -> None:
        """Remove the records of every other run."""
        keep = {self._folder(run_no).name for run_no in run_nos}
        if self._root.exists():
            for folder in self._root.iterdir():
                if folder.name not in keep:
                    shutil.rmtree(folder, ignore_errors=True)

    def _folder(self, run_no: int) -> Path:
        return self._root / f"{run_no:06d}"
