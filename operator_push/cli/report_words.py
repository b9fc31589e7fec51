"""Words of a campaign's report, the same on the terminal and on the page."""

from collections.abc import Mapping
from typing import Any

from operator_push.kernel.money import format_micros

Cell = int | str


def cell_words(cells: Mapping[str, Cell]) -> str:
    """Causes with their cells, "<10 expired, 220 capped"."""
    words = [f"{number_words(cell)} {name.lower().replace('_', ' ')}" for name, cell in cells.items()]
    return ", ".join(words) or "none"


def percent(part: Cell, whole: Cell) -> str:
    """A share of two cells for people; – where one is too small to tell."""
    if not isinstance(part, int) or not isinstance(whole, int) or not whole:
        return "–"
    return f"{100 * part / whole:.1f} %"


def compared_words(row: Mapping[str, Any]) -> str:
    """An outcome among the treated beside the controls, as a sentence."""
    if row["difference"] is None:
        return "too few people to compare"
    difference, lower, upper = (100 * row[name] for name in ("difference", "lower", "upper"))
    told = f"{difference:+.1f} points (95 %: {lower:+.1f} to {upper:+.1f})"
    if lower <= 0 <= upper:
        told += ", which may be chance"
    price = row["price_of_more_micros"]
    return told if price is None else f"{told}; {format_micros(price)} for each one more"


def number_words(cell: Cell) -> str:
    """A cell with its thousands apart."""
    return f"{cell:,}" if isinstance(cell, int) else cell
