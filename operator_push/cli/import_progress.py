"""Progress of an import on standard error: rows, rate and time left; nothing where it is over at once."""

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import click

LINE_EVERY_S = 5.0


class ImportProgress:
    """Tells now and then how far an import is; use it in a `with` and call `tell` as rows go out.

    `octets_read` says how far into `file` the rows were read, from which the time left is told.
    """

    def __init__(
        self, file: Path, octets_read: Callable[[], int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._file = file
        self._octets_read = octets_read
        self._clock = clock

    def __enter__(self) -> Self:
        self._started = self._clock()
        self._due = self._started + LINE_EVERY_S
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left to tell: the count of the whole import follows."""

    def tell(self, rows: int, rejected: int) -> None:
        """So many rows were read, and so many of them are known to be rejected."""
        now = self._clock()
        if now < self._due:
            return
        self._due = now + LINE_EVERY_S
        took = now - self._started
        octets, size = self._octets_read(), self._file.stat().st_size
        left = f", {took / octets * max(size - octets, 0):.0f} s left" if 0 < octets <= size else ""
        click.echo(f"{rows:,} rows read, {rows / took:,.0f}/s, {rejected:,} rejected{left}", err=True)
