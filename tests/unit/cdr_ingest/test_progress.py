"""Progress as lines and as bars."""

import io

from rich.console import Console

from cdr_ingest.progress import BarProgress, PlainProgress


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_plain_lines_tell_rate_and_time_left_every_five_seconds() -> None:
    clock, stream = Clock(), io.StringIO()
    progress = PlainProgress(stream, clock)
    progress.begin("reading", 1_000)
    for _ in range(6):
        clock.now += 1.5
        progress.advance(100, rows=30)
    clock.now += 1.0
    progress.end()
    assert stream.getvalue().splitlines() == [
        "reading …",
        "reading: 40%, 20 rows/s, 9 s left",
        "reading: done in 10.0 s, 180 rows, 18 rows/s",
    ]


def test_a_stage_of_unknown_size_promises_no_end() -> None:
    clock, stream = Clock(), io.StringIO()
    progress = PlainProgress(stream, clock)
    progress.begin("joining", 0)
    clock.now += 6
    progress.advance(1)
    progress.end()
    assert stream.getvalue().splitlines() == ["joining …", "joining: 0%, 0 rows/s", "joining: done in 6.0 s"]


def test_bars_show_the_rate() -> None:
    clock, stream = Clock(), io.StringIO()
    with BarProgress(Console(file=stream, force_terminal=True, width=100), clock) as progress:
        progress.begin("reading", 100)
        clock.now += 2
        progress.advance(50, rows=500)
        progress.end()
        progress.begin("joining", 0)
        progress.end()
    assert "250 rows/s" in stream.getvalue()
    assert "100%" in stream.getvalue()
