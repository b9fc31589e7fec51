"""Plot: the parts of a chart as SVG text: frame, axes, grid, lines, legend.

Pure. Colours are classes of the page's style sheet (page.html.j2), so that light and dark are its affair. Not
here: what is drawn (charts.py).
"""

from collections.abc import Callable, Sequence
from html import escape
from math import floor, log10

import msgspec

WIDTH, HEIGHT = 960, 340
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 16, 40


class Line(msgspec.Struct, frozen=True):
    """One line of a chart: points (x, y) on the data's axes, broken where y is None.

    `style` is a class of the page.
    """

    name: str
    style: str
    points: Sequence[tuple[float, float | None]]
    is_area: bool = False


class Frame(msgspec.Struct, frozen=True):
    """The plot's rectangle and its two axes; y is logarithmic where `is_log`."""

    x_max: float
    y_min: float
    y_max: float
    is_log: bool

    def x(self, value: float) -> float:
        """Pixels from the left."""
        return LEFT + (WIDTH - LEFT - RIGHT) * value / self.x_max

    def y(self, value: float) -> float:
        """Pixels from the top."""
        if self.is_log:
            low, high = log10(self.y_min), log10(self.y_max)
            share = (log10(max(value, self.y_min)) - low) / (high - low)
        else:
            share = (value - self.y_min) / (self.y_max - self.y_min)
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(1.0, max(0.0, share)))


def drawn(frame: Frame, line: Line) -> str:
    """A line, and the area below it where it is one."""
    parts = []
    for run in _runs(line.points):
        points = [(frame.x(min(x, frame.x_max)), frame.y(y)) for x, y in run]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        if len(points) == 1:
            path += "h0.1"  # A round cap makes a dot of it.
        if line.is_area:
            floor_y = frame.y(frame.y_min)
            closed = f"{path}L{points[-1][0]:.1f} {floor_y:.1f}L{points[0][0]:.1f} {floor_y:.1f}Z"
            parts.append(f'<path class="area {line.style}" d="{closed}"/>')
        parts.append(f'<path class="line {line.style}" d="{path}"/>')
    return "".join(parts)


def grid(
    frame: Frame, y_ticks: Sequence[float], x_ticks: Sequence[tuple[float, str]], text: Callable[[float], str]
) -> str:
    """Lines and labels of both axes; `text` writes a value of y."""
    parts = []
    for value in y_ticks:
        y = frame.y(value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(
            f'<text class="tick" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{text(value)}</text>'
        )
    for value, label in x_ticks:
        x, anchor = frame.x(value), "end" if value >= frame.x_max * 0.97 else "middle"
        parts.append(
            f'<line class="grid faint" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
            f'<text class="tick" x="{x:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="{anchor}">{label}</text>'
        )
    return "".join(parts)


def svg(title: str, description: str, parts: Sequence[str], lines: Sequence[Line]) -> str:
    """A whole chart with its legend."""
    legend = "".join(
        f'<span class="key"><i class="{line.style}"></i>{escape(line.name)}</span>'
        for line in lines
        if line.points
    )
    return (
        f'<div class="legend">{legend}</div>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(parts)}</svg>"
    )


def _runs(points: Sequence[tuple[float, float | None]]) -> list[list[tuple[float, float]]]:
    """The stretches between missing values."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if y is None:
            runs.append([])
        else:
            runs[-1].append((x, y))
    return [run for run in runs if run]


def decades(low_us: float, high_us: float) -> tuple[float, float]:
    """The axis from a third of a decade to a third of a decade, at least one decade."""
    low = 10 ** (floor(log10(low_us) * 3) / 3)
    high = 10 ** (-floor(-log10(high_us) * 3) / 3)
    return low, max(high, low * 10)


def log_ticks(frame: Frame) -> list[float]:
    """Powers of ten within the frame; 2 and 5 of each too where there are few."""
    ticks = []
    value = 10.0 ** floor(log10(frame.y_min))
    few = frame.y_max / frame.y_min < 60
    while value <= frame.y_max * 1.001:
        for factor in (1, 2, 5) if few else (1,):
            if frame.y_min * 0.999 <= value * factor <= frame.y_max * 1.001:
                ticks.append(value * factor)
        value *= 10
    return ticks


def linear_ticks(top: float) -> list[float]:
    """Quarters."""
    return [top * part / 4 for part in range(5)]


def nice_top(value: float) -> float:
    """The end of an axis: the next number above a value whose quarters are round."""
    power = 10.0 ** floor(log10(value)) if value > 0 else 1.0
    for factor in (1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10):
        if value <= factor * power:
            return factor * power
    return 10 * power


def time_ticks(x_max: float) -> list[tuple[float, str]]:
    """At most ten round moments."""
    for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200):
        if x_max / step <= 10:
            break
    ticks = []
    for number in range(int(x_max / step + 1e-9) + 1):
        value = number * step
        ticks.append((float(value), f"{value:g} s" if step < 60 else f"{value / 60:g} min"))
    return ticks


def plain_count(value: float) -> str:
    """A number on an axis."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:g}"


def micros(value_us: float) -> str:
    """A latency on an axis."""
    if value_us < 1000:
        return f"{value_us:g} µs"
    return f"{value_us / 1000:g} ms" if value_us < 1_000_000 else f"{value_us / 1_000_000:g} s"
