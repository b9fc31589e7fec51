"""The stop dots: one dot per person who said STOP, placed by how long it took until nothing could follow."""

from collections.abc import Sequence

from operator_push.cli.drawing import Sheet, round_step

_WIDTH, _HEIGHT = 1040, 190
_LEFT, _RIGHT, _BASE = 14, 1026, 150
_STACK_HEIGHT = 128
_RADIUS_MAX = 5.0
_BINS = 90


def stop_dots(latencies_ms: Sequence[int]) -> str:
    """Dots in stacks over a time axis in milliseconds."""
    slowest = max(latencies_ms, default=0)
    sheet = Sheet(
        _WIDTH,
        _HEIGHT,
        "How fast a STOP took effect",
        f"{len(latencies_ms):,} stops; the slowest took {slowest} milliseconds.",
    )
    step = round_step(max(slowest, 1), 8)
    top = step * (slowest // step + 1)
    bin_ms = top / _BINS
    stacks: dict[int, int] = {}
    for latency in latencies_ms:
        stacks[int(latency / bin_ms)] = stacks.get(int(latency / bin_ms), 0) + 1
    highest = max(stacks.values(), default=1)
    radius = min(_RADIUS_MAX, _STACK_HEIGHT / highest / 2, (_RIGHT - _LEFT) / _BINS / 2 - 0.4)
    sheet.line(_LEFT, _BASE + 2, _RIGHT, _BASE + 2, "axis")
    for place, count in sorted(stacks.items()):
        x = _LEFT + (_RIGHT - _LEFT) * (place + 0.5) / _BINS
        for level in range(count):
            tip = f"{place * bin_ms:.0f} to {(place + 1) * bin_ms:.0f} ms: {count} people"
            sheet.circle(x, _BASE - radius - level * 2 * radius, radius - 0.3, "fill-held-back", tip=tip)
    value = 0.0
    while value <= top:
        x = _LEFT + (_RIGHT - _LEFT) * value / top
        anchor = "start" if not value else ("end" if value == top else "middle")
        sheet.text(x, _BASE + 19, f"{value:g} ms", "t small", anchor=anchor)
        value += step
    x = _LEFT + (_RIGHT - _LEFT) * (int(slowest / bin_ms) + 0.5) / _BINS
    sheet.line(x, 28, x, _BASE + 2, "mark")
    sheet.text(
        x + 6 if x < 860 else x - 6,
        38,
        f"slowest {slowest} ms",
        "t strong",
        anchor="start" if x < 860 else "end",
    )
    return sheet.markup()
