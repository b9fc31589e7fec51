"""The records bar: everything that was read, cut into what became of it; the parts add up to the whole."""

from collections.abc import Mapping
from typing import Any

from operator_push.cli.drawing import Sheet, share

_WIDTH, _HEIGHT = 1040, 116
_BAR_Y, _BAR_HEIGHT = 34, 44
_PARTS = (
    ("accepted", "learned from", "good"),
    ("not_permitted", "not permitted: counted and dropped", "held-back"),
    ("rejected", "rejected with a reason", "warn"),
    ("duplicates", "duplicates", "quiet"),
)
_LABEL_WIDTH = 235


def records_bar(run: Mapping[str, Any]) -> str:
    """The bar of a run.json."""
    read = run["read"]
    sentence = ", ".join(f"{run[name]:,} {words}" for name, words, _ in _PARTS)
    sheet = Sheet(_WIDTH, _HEIGHT, "What became of every record", f"{read:,} rows read: {sentence}.")
    sheet.text(0, 20, f"{read:,} rows read", "t strong")
    x = 0.0
    labels: list[tuple[float, str, str, str]] = []
    for name, words, css in _PARTS:
        width = _WIDTH * run[name] / read if read else 0
        sheet.rect(x, _BAR_Y, max(width - 1.5, 1), _BAR_HEIGHT, f"fill-{css}", tip=f"{run[name]:,} {words}")
        labels.append((x, f"{run[name]:,}", words, css))
        if width > 90:
            sheet.text(x + 10, _BAR_Y + 28, share(run[name], read), "t on-fill strong")
        x += width
    _labels(sheet, labels)
    return sheet.markup()


def _labels(sheet: Sheet, labels: list[tuple[float, str, str, str]]) -> None:
    """Words under the bar, pushed left where narrow parts crowd at its end."""
    right = float(_WIDTH)
    for x, count, words, css in reversed(labels):
        width = 12 + 6.6 * max(len(words), len(count) + 2)
        at = min(x, right - min(width, _LABEL_WIDTH))
        sheet.rect(at, _BAR_Y + _BAR_HEIGHT + 9, 8, 8, f"fill-{css}", radius=2)
        sheet.text(at + 13, _BAR_Y + _BAR_HEIGHT + 17, count, "t strong")
        sheet.text(at + 13, _BAR_Y + _BAR_HEIGHT + 33, words, "t small")
        right = at
