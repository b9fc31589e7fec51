"""Charts of a campaign's report: how far people came, hour by hour, and beside the control group.

A cell of "<10" is drawn as five, with its own words; nothing else is guessed.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from operator_push.cli.drawing import Sheet, round_step

Cell = int | str
FEW = 5  # what a cell below ten is drawn as
BARS_MAX = 72  # hours; after that a bar is a day
_STEPS = (
    ("handed_in", "handed in", "fill-funnel"),
    ("held", "admitted, money held", "fill-funnel"),
    ("submitted", "sent to an SMSC", "fill-funnel"),
    ("delivered", "delivered", "fill-good"),
    ("failed", "failed", "fill-bad"),
    ("replied", "replied", "fill-replied"),
    ("clicked", "clicked", "fill-clicked"),
    ("converted", "converted", "fill-converted"),
    ("opted_out", "opted out", "fill-out"),
)
_STACK = (
    ("delivered", "fill-good"),
    ("failed", "fill-bad"),
    ("replied", "fill-replied"),
    ("clicked", "fill-clicked"),
    ("converted", "fill-converted"),
    ("opted_out", "fill-out"),
)
_OF_LINKS = frozenset(("clicked", "converted"))  # of campaigns with a short link alone


def funnel_chart(told: Mapping[str, Any]) -> str:
    """A bar for each step, to scale."""
    people = told["people"]
    steps = [step for step in _STEPS if step[0] not in _OF_LINKS or people[step[0]]]
    width, row, left, right = 420, 32, 148, 62
    sentence = ", ".join(f"{_words(people[key])} {words}" for key, words, _ in steps)
    sheet = Sheet(width, row * len(steps), f"{told['campaign']}: how far people came", sentence + ".")
    largest = max(_size(people[key]) for key, _, _ in steps) or 1
    for place, (key, words, css) in enumerate(steps):
        y = place * row
        reach = (width - left - right) * _size(people[key]) / largest
        sheet.text(left - 12, y + 21, words, "t", anchor="end")
        sheet.rect(
            left, y + 6, max(reach, 1.5), row - 12, css, radius=3, tip=f"{_words(people[key])} {words}"
        )
        sheet.text(left + max(reach, 1.5) + 8, y + 21, _words(people[key]), "t strong")
    return sheet.markup()


def hours_chart(hours: Sequence[Mapping[str, Any]], zone: str) -> str:
    """Delivered, failed, and what people did, side by side for every hour, or day where there are many."""
    bars = list(hours)
    stack = [each for each in _STACK if each[0] not in _OF_LINKS or any(bar[each[0]] for bar in bars)]
    unit = "hour"
    if len(bars) > BARS_MAX:
        bars, unit = _by_day(bars), "day"
    width, height, left, top, bottom = 1040, 260, 60, 30, 205
    peak = max((_size(bar[key]) for bar in bars for key, _ in stack), default=0) or 1
    step = max(1.0, round_step(peak))
    reach = step * -(-peak // step)
    sheet = Sheet(
        width, height, f"By the {unit}", f"People by the {unit}, {zone}; the table below has the numbers."
    )
    value = 0.0
    while value <= reach:
        y = bottom - (bottom - top) * value / reach
        sheet.line(left, y, width - 10, y, "grid")
        sheet.text(left - 8, y + 4, f"{value:,.0f}", "t small", anchor="end")
        value += step
    slot = (width - 50 - left) / len(bars)
    bar_width = min(22.0, slot * 0.8 / len(stack))
    every = max(1, -(-len(bars) // 12))
    for place, bar in enumerate(bars):
        x = left + place * slot + (slot - bar_width * len(stack)) / 2
        for index, (key, css) in enumerate(stack):
            tall = (bottom - top) * _size(bar[key]) / reach
            tip = f"{bar['hour']}: {_words(bar[key])} {key.replace('_', ' ')}"
            sheet.rect(x + index * bar_width, bottom - tall, bar_width, tall, css, tip=tip)
        if place % every == 0:
            sheet.text(
                left + place * slot + slot / 2, bottom + 18, _clock(bar["hour"]), "t small", anchor="middle"
            )
    x = left
    for key, css in stack:
        sheet.rect(x, 6, 12, 12, css, radius=2)
        sheet.text(x + 18, 16, key.replace("_", " "), "t small")
        x += 110
    sheet.text(left, height - 8, f"People by the {unit}, {zone}.", "t small")
    return sheet.markup()


def uplift_chart(rows: Sequence[Mapping[str, Any]]) -> str:
    """A point with its interval for every outcome, about the line where the campaign did nothing."""
    width, row, left, right = 420, 40, 100, 26
    height = row * len(rows) + 40
    ends = [abs(each[key]) for each in rows for key in ("lower", "upper", "difference")]
    reach = max(*ends, 0.01)
    middle, scale = left + (width - left - right) / 2, (width - left - right) / 2 / reach
    sentence = "; ".join(f"{each['outcome']} {100 * each['difference']:+.1f} points" for each in rows)
    sheet = Sheet(width, height, "Beside the control group", sentence + ".")
    sheet.line(middle, 4, middle, height - 30, "zero")
    for place, each in enumerate(rows):
        y = place * row + row / 2
        sheet.text(left - 14, y + 5, str(each["outcome"]).replace("_", " "), "t", anchor="end")
        lower, upper = middle + each["lower"] * scale, middle + each["upper"] * scale
        sheet.line(lower, y, upper, y, "whisker")
        for end in (lower, upper):
            sheet.line(end, y - 6, end, y + 6, "whisker")
        tip = " ".join(f"{100 * each[key]:+.1f}" for key in ("difference", "lower", "upper"))
        sheet.circle(middle + each["difference"] * scale, y, 6, "fill-accent", tip=tip)
    for value in (-reach, 0.0, reach):
        sheet.text(middle + value * scale, height - 10, f"{100 * value:+.1f}", "t small", anchor="middle")
    return sheet.markup()


def _by_day(hours: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Bars of days: cells below ten count as drawn."""
    days: dict[str, dict[str, Any]] = {}
    for hour in hours:
        day = days.setdefault(hour["hour"][:10], {"hour": hour["hour"][:10], **dict.fromkeys(_keys(), 0)})
        for key in _keys():
            day[key] += _size(hour[key])
    return list(days.values())


def _keys() -> list[str]:
    return [key for key, _ in _STACK]


def _clock(hour: str) -> str:
    """`2026-11-22T09:00+05:30` as people read an axis; a day as it is."""
    return hour[5:10] + " " + hour[11:16] if "T" in hour else hour


def _size(cell: Cell) -> int:
    return cell if isinstance(cell, int) else FEW


def _words(cell: Cell) -> str:
    return f"{cell:,}" if isinstance(cell, int) else cell
