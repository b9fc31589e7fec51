"""Sealed folder: OUT/rejects/NNNNNN.sealed, one file per run that rejected something, for its owner alone."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from cdr_ingest.rejects.sealed_file import SealedReject, SealedWriter, read_sealed
from cdr_ingest.store.ledger_rows import SealedRow

_FOLDER_OWNER_ONLY = 0o700


class SealedFolder:
    """The sealed files below one output folder; `key` is that of `seal_key`."""

    def __init__(self, out: Path, key: bytes) -> None:
        self.root = out / "rejects"
        self._key = key

    def path(self, run_no: int) -> Path:
        """The file of a run."""
        return self.root / f"{run_no:06d}.sealed"

    def read(self, run_nos: Iterable[int]) -> Iterator[SealedReject]:
        """The rejects of some runs, in their order.

        Raises:
            OperatorError: a file was sealed by another key, or is damaged.
        """
        for run_no in run_nos:
            yield from read_sealed(self.path(run_no), self._key)

    def write(self, run_no: int, rejects: Iterable[SealedReject]) -> int:
        """Write the file of a run, durable; how many rejects it has. Nothing is left where there are none."""
        self.root.mkdir(mode=_FOLDER_OWNER_ONLY, exist_ok=True)
        path = self.path(run_no)
        path.unlink(missing_ok=True)
        writer = SealedWriter(path, self._key)
        try:
            writer.add(rejects)
            writer.sync()
        finally:
            writer.close()
        if not writer.count:
            path.unlink()
        return writer.count

    def of_files(self, staged: Path, file_ids: Collection[int]) -> Iterator[SealedReject]:
        """The staged rejects of the files with these ids."""
        return (one for one in read_sealed(staged, self._key) if one.file_id in file_ids)

    def remove_all_but(self, keep: Iterable[SealedRow]) -> None:
        """Remove every other file."""
        kept = {self.path(row.run_no) for row in keep}
        if self.root.exists():
            for path in self.root.iterdir():
                if path not in kept:
                    path.unlink()
