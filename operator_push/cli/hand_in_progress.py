"""Progress of a hand-in: rate and time left on a terminal, a plain line now and then elsewhere."""

import time
from collections import Counter
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

PLAIN_LINE_EVERY_S = 5.0


class HandInProgress:
    """Shows how far a hand-in is, on standard error; use it in a `with` and give `tell` to hand_in.

    `before`: how many of the total were handed in by an earlier launch; `left_s`: how long its pace will
    take, where it has one; else it is told by how they come.
    """

    def __init__(self, total: int, before: int = 0, left_s: float | None = None) -> None:
        self._total = total
        self._before = before
        self._paced_s = left_s
        self._started = time.monotonic()
        self._line_due = self._started + PLAIN_LINE_EVERY_S
        console = Console(stderr=True)
        self._bar: Progress | None = None
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("handing in"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[rate]:,.0f}/s"),
                TimeRemainingColumn() if left_s is None else TextColumn("{task.fields[left]:,.0f} s left"),
                TextColumn("{task.fields[told]}"),
                console=console,
            )
            self._task = self._bar.add_task("hand-in", total=total, rate=0.0, told="", left=left_s)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def tell(self, done: int, outcomes: Counter[str]) -> None:
        """`done` more of the total are handed in, with these outcomes so far."""
        now = time.monotonic()
        rate = done / max(now - self._started, 1e-3)
        refused = done - outcomes["accepted"] - outcomes["repeated"]
        done += self._before
        told = f"{outcomes['accepted']:,} accepted, {refused:,} refused"
        left_s = (self._total - done) / max(rate, 1e-3)
        if self._paced_s is not None:
            left_s = max(0.0, self._started + self._paced_s - now)
        if self._bar is not None:
            self._bar.update(self._task, completed=done, rate=rate, told=told, left=left_s)
        elif now >= self._line_due or done == self._total:
            self._line_due = now + PLAIN_LINE_EVERY_S
            click.echo(
                f"handed in {done:,} of {self._total:,}, {rate:,.0f}/s, {left_s:,.0f} s left: {told}",
                err=True,
            )
