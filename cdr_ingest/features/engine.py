"""Engine: what the features ask of whoever computes them; the definitions know nothing else of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from cdr_ingest.features.partials import Table


@dataclass(frozen=True, slots=True)
class DayBatch:
    """Local days, since 1970 and in ascending order, that are summed at once, and the files to read."""

    days: tuple[int, ...]
    files: tuple[Path, ...]

    @property
    def is_unbroken(self) -> bool:
        """Whether no day between the first and the last is left out."""
        return len(self.days) == self.days[-1] - self.days[0] + 1


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

    def named(self, rows: Table) -> Table:
        """The same rows by a name of the engine's, so that what is made of them is planned quickly."""
        ...

    def set_aside(self, rows: Table) -> Table:
        """The same rows, computed now where that saves memory: what made them need not be held any longer."""
        ...

    @property
    def batch_records(self) -> int | None:
        """How many records it sums best at once; None: all."""
        ...

    def write_days(self, make: Callable[[Table], Table], batches: Sequence[DayBatch], folder: Path) -> None:
        """Write what `make` makes of records to Parquet files in `folder`/day=N/, without the column `day`.

        `folder` is new. Of what is made only the rows of a batch's days are written.
        """
        ...

    def write(self, rows: Table, folder: Path) -> list[Path]:
        """Write rows to Parquet files in `folder`, which is new; the files."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...
