"""The rate: messages accepted and messages ended per second over the main run, and when people said STOP."""

from collections import Counter
from collections.abc import Sequence

from operator_push.cli.drawing import Sheet, area_path, line_path, round_step

_WIDTH, _HEIGHT = 1040, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 1030, 30, 205
_BUCKETS = 48
_BUCKET_MIN_US = 100_000


def rate_chart(accepted_us: Sequence[int], ended_us: Sequence[int], stops_us: Sequence[int]) -> str:
    """Both rates on one time axis that starts with the first message."""
    moments = [*accepted_us, *ended_us] or [0]
    start, end = min(moments), max(moments)
    bucket_us = max(_BUCKET_MIN_US, -(-(end - start + 1) // _BUCKETS))
    count = (end - start) // bucket_us + 1
    accepted = _rates(accepted_us, start, bucket_us, count)
    ended = _rates(ended_us, start, bucket_us, count)
    peak = max(*accepted, *ended, 1.0)
    step = round_step(peak)
    top = step * -(-peak // step)
    seconds = (end - start) / 1e6
    sheet = Sheet(
        _WIDTH,
        _HEIGHT,
        "Messages per second",
        f"{len(accepted_us):,} messages accepted and {len(ended_us):,} ended within {seconds:.1f}"
        " seconds; at most"
        f" {max(accepted):,.0f} accepted per second; {len(stops_us):,} people said STOP meanwhile.",
    )
    _grid(sheet, top, step, seconds)

    def points(rates: list[float]) -> list[tuple[float, float]]:
        found = []
        for index, rate in enumerate(rates):
            y = _BOTTOM - (_BOTTOM - _TOP) * rate / top
            found += [(_x(index * bucket_us, end - start), y), (_x((index + 1) * bucket_us, end - start), y)]
        return found

    sheet.path(area_path(points(accepted), _BOTTOM), "area-accent")
    sheet.path(line_path(points(accepted)), "line-accent")
    sheet.path(line_path(points(ended)), "line-good")
    for stop in stops_us:
        x = _x(stop - start, end - start)
        sheet.line(x, _BOTTOM + 26, x, _BOTTOM + 38, "tick-stop")
    sheet.text(_LEFT - 8, _BOTTOM + 37, "STOP", "t small", anchor="end")
    _legend(sheet)
    return sheet.markup()


def _rates(moments: Sequence[int], start: int, bucket_us: int, count: int) -> list[float]:
    counts = Counter((moment - start) // bucket_us for moment in moments)
    return [counts[index] * 1e6 / bucket_us for index in range(count)]


def _x(offset_us: int, span_us: int) -> float:
    return min(_LEFT + (_RIGHT - _LEFT) * offset_us / max(span_us, 1), float(_RIGHT))


def _grid(sheet: Sheet, top: float, step: float, seconds: float) -> None:
    value = 0.0
    while value <= top + 1e-9:
        y = _BOTTOM - (_BOTTOM - _TOP) * value / top
        sheet.line(_LEFT, y, _RIGHT, y, "grid")
        sheet.text(_LEFT - 8, y + 4, f"{value:,.0f}", "t small", anchor="end")
        value += step
    second_step = max(1.0, round_step(seconds, 8))
    second = 0.0
    while second <= seconds:
        x = _LEFT + (_RIGHT - _LEFT) * second / max(seconds, 1e-9)
        sheet.text(x, _BOTTOM + 16, f"{second:g} s", "t small", anchor="middle")
        second += second_step


def _legend(sheet: Sheet) -> None:
    x = _LEFT
    for css, words in (
        ("line-accent", "accepted per second"),
        ("line-good", "ended per second (receipt settled)"),
    ):
        sheet.line(x, 12, x + 20, 12, css)
        sheet.text(x + 26, 16, words, "t small")
        x += 200
    sheet.line(x + 62, 6, x + 62, 18, "tick-stop")
    sheet.text(x + 72, 16, "a subscriber says STOP", "t small")
    sheet.text(_LEFT, _HEIGHT - 6, "Seconds since the first submission.", "t small")
