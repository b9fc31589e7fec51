"""Progress: how far a long command is, on a terminal as a bar, elsewhere as plain lines now and then.

Everything goes to standard error, so that standard output stays for results.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

_LINE_EVERY_S = 5.0


class ProgressReport(Protocol):
    """What a long piece of work tells of itself; `amount` is in any unit of the given total."""

    def begin(self, title: str, total: int) -> None:
        """A new stage starts; total 0 means that its size is not known."""

    def advance(self, amount: int, rows: int = 0) -> None:
        """So much more of the stage is done."""

    def end(self) -> None:
        """The stage is done."""


class SilentProgress:
    """Says nothing."""

    def begin(self, title: str, total: int) -> None:
        """Says nothing."""

    def advance(self, amount: int, rows: int = 0) -> None:
        """Says nothing."""

    def end(self) -> None:
        """Says nothing."""


class PlainProgress:
    """One line per stage and one every five seconds within: done, rows/s and time left."""

    def __init__(self, stream: TextIO, clock: Callable[[], float]) -> None:
        self._stream = stream
        self._clock = clock
        self._title, self._total, self._done, self._rows = "", 0, 0, 0
        self._started = self._spoken = clock()

    def begin(self, title: str, total: int) -> None:
        """A stage starts: its name on a line."""
        self._title, self._total, self._done, self._rows = title, total, 0, 0
        self._started = self._spoken = self._clock()
        self._say(f"{title} …")

    def advance(self, amount: int, rows: int = 0) -> None:
        """Count, and speak when five seconds have passed since the last line."""
        self._done += amount
        self._rows += rows
        now = self._clock()
        if now - self._spoken >= _LINE_EVERY_S:
            self._spoken = now
            elapsed = now - self._started
            share = min(1.0, self._done / self._total) if self._total else 0.0
            left = f", {elapsed / share - elapsed:.0f} s left" if share else ""
            self._say(f"{self._title}: {share:.0%}, {_rate(self._rows, elapsed)}{left}")

    def end(self) -> None:
        """A stage is done: its time and rate on a line."""
        elapsed = self._clock() - self._started
        rate = f", {self._rows:,} rows, {_rate(self._rows, elapsed)}" if self._rows else ""
        self._say(f"{self._title}: done in {elapsed:.1f} s{rate}")

    def _say(self, line: str) -> None:
        self._stream.write(line + "\n")
        self._stream.flush()


class BarProgress:
    """A bar per stage with rows/s and time left; a context manager that owns the terminal meanwhile."""

    def __init__(self, console: Console, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
        )
        self._task: TaskID | None = None
        self._rows = 0
        self._started = clock()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def begin(self, title: str, total: int) -> None:
        """A new bar."""
        self._rows = 0
        self._started = self._clock()
        self._task = self._progress.add_task(title, total=total or None, rate="")

    def advance(self, amount: int, rows: int = 0) -> None:
        """Move the bar."""
        if self._task is not None:
            self._rows += rows
            rate = _rate(self._rows, self._clock() - self._started) if self._rows else ""
            self._progress.update(self._task, advance=amount, rate=rate)

    def end(self) -> None:
        """Fill the bar."""
        if self._task is not None:
            total = self._progress.tasks[self._task].total
            self._progress.update(self._task, total=total or 1, completed=total or 1)


def _rate(rows: int, elapsed_s: float) -> str:
    return f"{rows / elapsed_s:,.0f} rows/s" if elapsed_s > 0 else "0 rows/s"
