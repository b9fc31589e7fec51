"""The narrator: what a run says while it runs. Live on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

_REFRESH_PER_SECOND = 8


class Narrator:
    """Steps with their counts and times."""

    def __init__(self, console: Console, steps: int) -> None:
        self._console = console
        self._steps = steps
        self._number = 0
        self._started = time.monotonic()
        self._live: Live | None = None

    @property
    def elapsed_s(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One step of the job; its time is shown at its end."""
        self._number += 1
        started = time.monotonic()
        heading = Text.assemble((f"{self._number}/{self._steps} ", "dim"), (title, "bold"))
        self._console.print(heading, highlight=False)
        if self._console.is_terminal:
            spinner = Spinner("dots", style="cyan")
            live = Live(
                spinner, console=self._console, refresh_per_second=_REFRESH_PER_SECOND, transient=True
            )
            with live:
                self._live = live
                try:
                    yield
                finally:
                    self._live = None
        else:
            yield
        took = f"{time.monotonic() - started:.1f} s"
        self._console.print(Text.assemble(("    ✓ " + took, "dim")), highlight=False)

    def fact(self, sentence: str) -> None:
        """A fact with its counts, kept on the screen."""
        self._console.print(f"    {sentence}", highlight=False, markup=False, soft_wrap=True)

    def doing(self, sentence: str) -> None:
        """What happens at this moment; shown on a terminal only."""
        if self._live is not None:
            self._live.update(Spinner("dots", text=Text(sentence, "cyan"), style="cyan"))

    def row(self, good: bool, name: str, detail: str) -> None:
        """One line of a list of things that held or did not."""
        mark = ("✓", "green") if good else ("✗", "bold red")
        self._console.print(
            Text.assemble("  ", mark, " ", (name, "" if good else "bold"), ("  " + detail, "dim")),
            highlight=False,
            soft_wrap=True,
        )

    def say(self, sentence: str) -> None:
        """A line of its own."""
        self._console.print(sentence, highlight=False, markup=False, soft_wrap=True)
