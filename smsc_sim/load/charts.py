"""Charts: the report's plots, drawn as SVG without a library.

Pure. Every chart has a title and a description for those who do not see it, and the page has its figures as
a table. Not here: axes, grids and lines as such (plot.py).
"""

from collections.abc import Sequence
from math import floor, log2, log10
from typing import Any

from smsc_sim.load.plot import (
    Frame,
    Line,
    decades,
    drawn,
    grid,
    linear_ticks,
    log_ticks,
    micros,
    nice_top,
    plain_count,
    svg,
    time_ticks,
)

_HEAT_COLUMNS_MAX = 160
_ROWS_PER_DOUBLING = 4
_LINE_POINTS_MAX = 320


def rates_chart(series: Sequence[dict[str, Any]]) -> str:
    """submit_sm a second over time: due, accepted, failed, receipts."""
    rows = _thinned(series)
    lines = []
    for name, key, style, is_area in (
        ("accepted", "accepted", "accepted", True),
        ("receipts", "receipts", "receipts", False),
        ("due", "due", "due", False),
        ("failed", "failed", "failed", False),
    ):
        points = [
            (row["t_s"] + row["for_s"] / 2, row[key] / row["for_s"]) for row in rows if row[key] is not None
        ]
        if any(value for _, value in points):
            lines.append(Line(name, style, points, is_area))
    top = max((value or 0.0 for line in lines for _, value in line.points), default=1.0)
    frame = Frame(_end_s(rows), 0.0, nice_top(top), False)
    return svg(
        "submit_sm a second over time",
        "Lines of what was due, accepted, failed and receipted in each second of the run.",
        [grid(frame, linear_ticks(frame.y_max), time_ticks(frame.x_max), plain_count)]
        + [drawn(frame, line) for line in lines],
        lines,
    )


def heat_chart(
    columns: Sequence[tuple[float, float, dict[int, int]]], series: Sequence[dict[str, Any]]
) -> str:
    """Response latency of every submit_sm over time: darker cells hold more; lines show median and p99.

    `columns` are (start seconds, seconds, counts by lowest microseconds of a cell).
    """
    columns = _merged(columns)
    values = [low_us for _, _, counts in columns for low_us in counts]
    if not values:
        return ""
    y_min, y_max = decades(max(min(values), 10), max(values) * 1.1)
    frame = Frame(columns[-1][0] + columns[-1][1], y_min, y_max, True)
    cells = []
    most = max(count / length for _, length, counts in columns for count in _by_row(counts).values())
    for start_s, length_s, counts in columns:
        x, width = frame.x(start_s), frame.x(start_s + length_s) - frame.x(start_s)
        for row, count in sorted(_by_row(counts).items()):
            top = frame.y(2 ** ((row + 1) / _ROWS_PER_DOUBLING))
            bottom = frame.y(2 ** (row / _ROWS_PER_DOUBLING))
            opacity = 0.12 + 0.88 * log2(1 + count / length_s) / log2(1 + most)
            cells.append(
                f'<rect x="{x:.1f}" y="{top:.1f}" width="{width + 0.15:.1f}" '
                f'height="{max(0.6, bottom - top + 0.15):.1f}" fill-opacity="{opacity:.2f}"/>'
            )
    rows = _thinned(series)
    lines = [
        Line(name, style, [(r["t_s"] + r["for_s"] / 2, r[key] * 1000 if r[key] else None) for r in rows])
        for name, key, style in (("median", "p50_ms", "median"), ("99th percentile", "p99_ms", "p99"))
    ]
    return svg(
        "Response latency over time",
        "Each cell tells how many submit_sm of that moment had that latency; lines show median and p99.",
        [
            grid(frame, log_ticks(frame), time_ticks(frame.x_max), micros),
            f'<g class="heat">{"".join(cells)}</g>',
            *[drawn(frame, line) for line in lines],
        ],
        lines,
    )


def percentile_chart(histograms: Sequence[tuple[str, str, Sequence[tuple[int, int]]]]) -> str:
    """Latency by percentile on an axis that gives each further nine the same room.

    `histograms` are (name, style, rows of (microseconds, count) ascending).
    """
    curves = [(name, style, _curve(rows)) for name, style, rows in histograms if rows]
    if not curves:
        return ""
    values = [value for _, _, points in curves for _, value in points]
    y_min, y_max = decades(max(min(values), 10), max(values) * 1.1)
    nines = max(points[-1][0] for _, _, points in curves)
    frame = Frame(max(2.0, nines), y_min, y_max, True)
    lines = [Line(name, style, points) for name, style, points in curves]
    ticks = [
        (float(n), text) for n, text in enumerate(("0 %", "90 %", "99 %", "99.9 %", "99.99 %", "99.999 %"))
    ]
    ticks.append((0.30103, "50 %"))
    return svg(
        "Latency by percentile",
        "The share of messages, towards the slowest, against their latency.",
        [grid(frame, log_ticks(frame), [t for t in ticks if t[0] <= frame.x_max], micros)]
        + [drawn(frame, line) for line in lines],
        lines,
    )


def _curve(rows: Sequence[tuple[int, int]]) -> list[tuple[float, float]]:
    """(nines of the share reached, microseconds), thinned; ends at the last value."""
    total = sum(count for _, count in rows)
    nines_max = log10(total) if total > 1 else 0.5
    points: list[tuple[float, float]] = [(0.0, float(rows[0][0]))]
    reached = 0
    for value_us, count in rows:
        start = min(nines_max, -log10(1 - reached / total)) if reached else 0.0
        reached += count
        end = nines_max if reached >= total else min(nines_max, -log10(1 - reached / total))
        if end - points[-1][0] > nines_max / 400 or reached >= total:
            points += [(max(start, points[-1][0]), float(value_us)), (end, float(value_us))]
    return points


def _thinned(series: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most _LINE_POINTS_MAX rows, each `for_s` long: counts added, percentiles the worst of them."""
    slice_s = series[0]["for_s"] if series else 1.0
    smooth_s = min(1.0, len(series) * slice_s / 40)  # Shorter, chance would draw a fur of spikes.
    step = max(1, -(-len(series) // _LINE_POINTS_MAX), round(smooth_s / slice_s))
    rows = []
    for at in range(0, len(series), step):
        group = series[at : at + step]
        row: dict[str, Any] = {"t_s": group[0]["t_s"], "for_s": sum(piece["for_s"] for piece in group)}
        for key in ("sent", "accepted", "failed", "receipts"):
            row[key] = sum(piece[key] for piece in group)
        row["due"] = None if group[0]["due"] is None else sum(piece["due"] for piece in group)
        for key in ("p50_ms", "p99_ms", "max_ms"):
            row[key] = max(piece[key] for piece in group)
        rows.append(row)
    return rows


def _merged(
    columns: Sequence[tuple[float, float, dict[int, int]]],
) -> list[tuple[float, float, dict[int, int]]]:
    step = max(1, -(-len(columns) // _HEAT_COLUMNS_MAX))
    merged = []
    for at in range(0, len(columns), step):
        group = columns[at : at + step]
        counts: dict[int, int] = {}
        for _, _, more in group:
            for low_us, count in more.items():
                counts[low_us] = counts.get(low_us, 0) + count
        merged.append((group[0][0], sum(length for _, length, _ in group), counts))
    return merged


def _by_row(counts: dict[int, int]) -> dict[int, int]:
    rows: dict[int, int] = {}
    for low_us, count in counts.items():
        row = floor(log2(max(low_us, 10)) * _ROWS_PER_DOUBLING)
        rows[row] = rows.get(row, 0) + count
    return rows


def _end_s(rows: Sequence[dict[str, Any]]) -> float:
    return max(0.001, rows[-1]["t_s"] + rows[-1]["for_s"]) if rows else 1.0
