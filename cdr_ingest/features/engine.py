"""Engine: what the features ask of whoever computes them; the definitions know nothing else of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, Self

from cdr_ingest.features.partials import Table


class Engine(Protocol):
    """An engine that Ibis speaks, with its files on a disk that all of its machines see."""

    @property
    def name(self) -> str:
        """As in --engine."""
        ...

    def read(self, files: Sequence[Path]) -> Table:
        """Parquet files of one form as one table, whatever their folders are called."""
        ...

    def read_days(self, files: Sequence[Path]) -> Table:
        """Parquet files as `write_days` wrote them, with their column `day`."""
        ...

    def write_days(self, rows: Table, folder: Path) -> None:
        """Write rows to new Parquet files in `folder`/day=N/, without their column `day`."""
        ...

    def write(self, rows: Table, folder: Path) -> list[Path]:
        """Write rows to Parquet files in `folder`, which is new; the files."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...
