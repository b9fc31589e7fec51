"""The funnel: from all subscribers to those who got the message, one for each campaign."""

from collections.abc import Sequence

from operator_push.cli.drawing import Sheet, share

_WIDTH, _ROW, _GAP = 500, 30, 16
_LEFT, _RIGHT = 0, 500


def funnel(title: str, steps: Sequence[tuple[str, int]]) -> str:
    """Steps as (words, people), each drawn to scale under the one before it."""
    height = len(steps) * (_ROW + _GAP) - _GAP + 4
    sentence = ", then ".join(f"{count:,} {words}" for words, count in steps)
    sheet = Sheet(_WIDTH, height, f"{title}: from subscribers to handsets", sentence + ".")
    largest = max(count for _, count in steps) or 1
    middle = 330.0
    reach = 165.0
    before: tuple[float, float, int] | None = None
    for index, (words, count) in enumerate(steps):
        y = index * (_ROW + _GAP) + 2
        half = max(reach * count / largest, 1.5)
        if before is not None:
            bottom, half_before, count_before = before
            sheet.path(
                f"M{middle - half_before:.1f},{bottom:.1f}L{middle + half_before:.1f},{bottom:.1f}"
                f"L{middle + half:.1f},{y:.1f}L{middle - half:.1f},{y:.1f}Z",
                "fill-funnel-between",
                tip=f"{share(count, count_before)} of the step before",
            )
        css = "fill-good" if index == len(steps) - 1 else "fill-funnel"
        sheet.rect(middle - half, y, 2 * half, _ROW, css, tip=f"{count:,} {words}", radius=3)
        sheet.text(_LEFT, y + 13, f"{count:,}", "t strong")
        sheet.text(_LEFT, y + 28, words, "t small")
        before = (y + _ROW, half, count)
    return sheet.markup()
