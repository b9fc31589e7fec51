"""The crash, seen from the SMSC: submit_sm that arrived per tenth of a second around the first kill."""

from collections import Counter
from collections.abc import Sequence

from operator_push.cli.demo.crash_run import CrashRound
from operator_push.cli.drawing import Sheet, round_step

_WIDTH, _HEIGHT = 1040, 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 54, 1030, 56, 200
_BUCKET_US = 100_000
_BEFORE_US = 1_000_000
_AFTER_BACK_US = 7_000_000


def crash_arrivals(arrivals_us: Sequence[int], killed: CrashRound) -> str:
    """Bars before the kill, the gap while the product is away, and bars after its restart."""
    back_us = killed.back_ms * 1000
    span_us = _BEFORE_US + back_us + _AFTER_BACK_US
    start_us = killed.kill_us - _BEFORE_US
    inside = [moment - start_us for moment in arrivals_us if 0 <= moment - start_us < span_us]
    span_us = max(max(inside, default=span_us) + 5 * _BUCKET_US, _BEFORE_US + back_us + 10 * _BUCKET_US)
    counts = Counter(offset // _BUCKET_US for offset in inside)
    peak = max(counts.values(), default=1)
    step = max(1.0, round_step(peak, 3))
    top = step * -(-peak // step)
    sheet = Sheet(
        _WIDTH,
        _HEIGHT,
        "Arrivals at the SMSC around the kill",
        f"{killed.unanswered} submits were unanswered and {killed.unsent} messages unsent when the"
        " product was"
        f" killed; it was back after {killed.back_ms / 1000:.1f} seconds.",
    )

    def x(offset_us: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * offset_us / span_us

    value = 0.0
    while value <= top:
        y = _BOTTOM - (_BOTTOM - _TOP) * value / top
        sheet.line(_LEFT, y, _RIGHT, y, "grid")
        sheet.text(_LEFT - 8, y + 4, f"{value:,.0f}", "t small", anchor="end")
        value += step
    away = x(_BEFORE_US), x(_BEFORE_US + back_us)
    sheet.rect(away[0], _TOP - 8, away[1] - away[0], _BOTTOM - _TOP + 8, "fill-away")
    width = max((_RIGHT - _LEFT) * _BUCKET_US / span_us - 1, 1)
    for bucket, count in sorted(counts.items()):
        height = (_BOTTOM - _TOP) * count / top
        sheet.rect(
            x(bucket * _BUCKET_US), _BOTTOM - height, width, height, "fill-accent", tip=f"{count} submit_sm"
        )
    sheet.line(away[0], _TOP - 22, away[0], _BOTTOM, "mark-bad")
    sheet.text(away[0] + 6, _TOP - 13, "kill -9", "t strong bad")
    sheet.text(
        (away[0] + away[1]) / 2,
        (_TOP + _BOTTOM) / 2,
        f"away for {killed.back_ms / 1000:.1f} s",
        "t",
        anchor="middle",
    )
    sheet.text(away[1] + 6, _TOP - 13, "bound again", "t strong")
    second = -_BEFORE_US
    while second <= span_us - _BEFORE_US:
        sheet.text(x(second + _BEFORE_US), _BOTTOM + 18, f"{second / 1e6:+g} s", "t small", anchor="middle")
        second += 1_000_000
    sheet.text(0, 14, "submit_sm at the SMSC per tenth of a second", "t small")
    return sheet.markup()
