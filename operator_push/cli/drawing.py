"""Drawing: a small SVG sheet. Colours are classes of drawing.css, so that one drawing serves light and dark.

Pure text: no script, no outside resource. Numbers are rounded to a tenth of a pixel.
"""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path


def style(own: str = "") -> str:
    """The style of a page with drawings: what every such page has, and its own."""
    return Path(__file__).with_suffix(".css").read_text(encoding="utf-8") + own


class Sheet:
    """One drawing in a `width` × `height` box that scales with its column."""

    def __init__(self, width: int, height: int, title: str, description: str) -> None:
        self.width = width
        self.height = height
        self._title = title
        self._description = description
        self._parts: list[str] = []

    def rect(
        self, x: float, y: float, width: float, height: float, css: str, *, tip: str = "", radius: float = 0
    ) -> None:
        """A rectangle; `tip` is shown by the browser when the pointer rests on it."""
        rounded = f' rx="{radius:g}"' if radius else ""
        shape = (
            f'<rect class="{css}" x="{_n(x)}" y="{_n(y)}" width="{_n(max(width, 0))}"'
            f' height="{_n(max(height, 0))}"{rounded}'
        )
        self._parts.append(_tipped(shape, "rect", tip))

    def line(self, x1: float, y1: float, x2: float, y2: float, css: str) -> None:
        """A straight line."""
        self._parts.append(f'<line class="{css}" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"/>')

    def circle(self, x: float, y: float, radius: float, css: str, *, tip: str = "") -> None:
        """A disc."""
        shape = f'<circle class="{css}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"'
        self._parts.append(_tipped(shape, "circle", tip))

    def path(self, data: str, css: str, *, tip: str = "") -> None:
        """A path by its commands."""
        self._parts.append(_tipped(f'<path class="{css}" d="{data}"', "path", tip))

    def text(self, x: float, y: float, words: str, css: str = "t", *, anchor: str = "start") -> None:
        """One line of text; `anchor` is start, middle or end."""
        self._parts.append(
            f'<text class="{css}" x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">{escape(words)}</text>'
        )

    def markup(self) -> str:
        """The finished drawing, every text in it escaped; screen readers get its title and description."""
        body = "".join(self._parts)
        return (
            f'<svg viewBox="0 0 {self.width} {self.height}" role="img">'
            f"<title>{escape(self._title)}</title><desc>{escape(self._description)}</desc>{body}</svg>"
        )


def area_path(points: Sequence[tuple[float, float]], base_y: float) -> str:
    """A closed area under a line of points."""
    first, last = points[0], points[-1]
    return f"M{_n(first[0])},{_n(base_y)}{_lines(points)}L{_n(last[0])},{_n(base_y)}Z"


def line_path(points: Sequence[tuple[float, float]]) -> str:
    """An open line through points."""
    return "M" + _lines(points)[1:]


def ribbon_path(x0: float, top0: float, bottom0: float, x1: float, top1: float, bottom1: float) -> str:
    """A ribbon between two vertical edges, with soft curves, as flow diagrams have them."""
    middle = (x0 + x1) / 2
    return (
        f"M{_n(x0)},{_n(top0)}C{_n(middle)},{_n(top0)} {_n(middle)},{_n(top1)} {_n(x1)},{_n(top1)}"
        f"L{_n(x1)},{_n(bottom1)}C{_n(middle)},{_n(bottom1)} {_n(middle)},{_n(bottom0)}"
        f" {_n(x0)},{_n(bottom0)}Z"
    )


def round_step(largest: float, lines: int = 4) -> float:
    """A step of 1, 2 or 5 times a power of ten that divides an axis up to `largest` into about `lines`."""
    if largest <= 0:
        return 1.0
    rough = largest / lines
    power = 1.0
    while power * 10 <= rough:
        power *= 10
    while power > rough:
        power /= 10
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)


def share(part: float, whole: float) -> str:
    """A percentage for people: one decimal where it is small."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "< 0.1 %"
    return f"{percent:.1f} %" if percent < 10 else f"{percent:.0f} %"


def _lines(points: Iterable[tuple[float, float]]) -> str:
    return "".join(f"L{_n(x)},{_n(y)}" for x, y in points)


def _tipped(shape: str, name: str, tip: str) -> str:
    return f"{shape}><title>{escape(tip)}</title></{name}>" if tip else f"{shape}/>"


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
