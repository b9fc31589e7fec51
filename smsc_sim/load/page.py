"""The page: load.html, the report for a person. One file, no script, nothing fetched; light and dark."""

import importlib.util
import json
from pathlib import Path
from typing import Any

from operator_push.kernel.errors import OperatorError
from smsc_sim.load.charts import heat_chart, percentile_chart, rates_chart
from smsc_sim.load.report import Report

_TEMPLATE = "page.html.j2"
_CURVES = (
    ("due to response", "p99", "response"),
    ("sent to response", "accepted", "service"),
    ("due to receipt", "receipts", "receipt"),
)


def require_page_library() -> None:
    """Look for Jinja2, the one thing that the page needs.

    Raises:
        OperatorError: it is not installed.
    """
    if importlib.util.find_spec("jinja2") is None:
        raise OperatorError(
            "the page needs Jinja2; install it with: pip install 'operator-push[sim]'", key="--out"
        )


def render_page(report: Report) -> str:
    """The page as HTML text; needs `require_page_library`."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["ms"] = milliseconds
    environment.filters["count"] = count
    is_closed = report["plan"]["loop"]["kind"] == "closed"
    histograms = [
        (name, style, report["histogram_us"][key])
        for name, style, key in _CURVES
        if not (is_closed and key == "response")  # there it is the same as service
    ]
    charts = {
        "heat": heat_chart([(at, for_s, dict(rows)) for at, for_s, rows in report["heat"]], report["series"]),
        "rates": rates_chart(report["series"]),
        "percentiles": percentile_chart(histograms),
    }
    return environment.get_template(_TEMPLATE).render(
        report=report,
        charts=charts,
        plan=json.dumps(report["plan"], ensure_ascii=False, indent=1),
        tiles=_tiles(report),
    )


def milliseconds(value: float | None) -> str:
    """A latency as a person reads it."""
    if value is None:
        return "–"
    if value < 1:
        return f"{value * 1000:.0f} µs"
    if value < 100:
        return f"{value:.1f} ms"
    return f"{value:,.0f} ms" if value < 10_000 else f"{value / 1000:,.1f} s"


def count(value: float | None) -> str:
    """A number as a person reads it."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:,.4g}"


def _tiles(report: Report) -> list[dict[str, Any]]:
    figures, response, receipts = report["figures"], report["latency_ms"]["response"], report["receipts"]
    failed = figures["refused"] + figures["unanswered"] + figures["not_sent"]
    tiles = [
        {"value": count(figures["accepted_per_s"]), "unit": "/s", "name": "accepted", "is_bad": False},
        {"value": milliseconds(response.get("p50")), "unit": "", "name": "median response", "is_bad": False},
        {"value": milliseconds(response.get("p99")), "unit": "", "name": "99th percentile", "is_bad": False},
        {"value": milliseconds(response.get("max")), "unit": "", "name": "slowest", "is_bad": False},
        {"value": count(failed), "unit": "", "name": "failed submit_sm", "is_bad": failed > 0},
    ]
    if receipts["expected"]:
        share = receipts["matched"] / receipts["expected"]
        text = "100" if share == 1 else f"{min(share * 100, 99.9):.1f}"
        tiles.append({"value": text, "unit": " %", "name": "receipts came", "is_bad": share < 1})
    return tiles
