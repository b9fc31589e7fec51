"""Out folder: the files that a run leaves, written beside their names first and then put in place.

OUT/features.json and profiles/ (the features), rejects.csv, cell-rejects.csv, run.json (the newest run's),
runs/NNNNNN/ (every run's reports), records/ (what is kept), partials/ (its sums by day), ingest.db (the
ledger), .work/ (only while a run works), staging/ (the checkpoints of a run that works or died), .lock.
"""

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cdr_ingest.formats.layouts import REFERENCE_KINDS
from cdr_ingest.records.kept_files import KeptFiles
from operator_push.kernel.errors import ResourceError


def rejects_name(kind: str) -> str:
    """The report of what was rejected of a kind of reference data."""
    return f"{kind}-rejects.csv"


REPORT_NAMES = (
    "rejects.csv",
    *(rejects_name(kind.value) for kind in REFERENCE_KINDS),
    "run.json",
    "owner-changes.csv",
)


class OutFolder:
    """The paths below one output folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ledger = root / "ingest.db"
        self.work = root / ".work"
        self.staging = root / "staging"
        self.kept = KeptFiles(root)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against a second run; the folder is made where it is missing.

        Raises:
            ResourceError: another run works in it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise ResourceError(f"another run is at work in {self.root}; wait for its end") from None
            yield

    @contextmanager
    def working(self) -> Iterator[Path]:
        """A folder for what only this run needs; gone afterwards, also after an error."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir()
        try:
            yield self.work
        finally:
            shutil.rmtree(self.work, ignore_errors=True)

    def reports(self, run_no: int) -> Path:
        """The folder of a run's reports, new and empty."""
        folder = self.root / "runs" / f"{run_no:06d}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def publish(self, reports: Path) -> None:
        """Put a run's reports in place; each file is replaced as a whole."""
        for name in REPORT_NAMES:
            target = self.root / name
            if (reports / name).exists():
                beside = self.root / f".{name}.part"
                shutil.copyfile(reports / name, beside)
                os.replace(beside, target)
            else:
                target.unlink(missing_ok=True)


def make_durable(files: Iterable[Path]) -> None:
    """Files and the folders above them reach the disk before this returns."""
    files = list(files)
    folders = {folder for path in files for folder in path.parents[:3]}
    for path in [*files, *folders]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
