"""The page: results of the table of runs as one HTML file with drawings; needs nothing but a browser."""

from html import escape
from typing import Any

from budget import Verdict
from in_process import STAGES

from operator_push.cli.drawing import Sheet, round_step

_WIDTH, _LEFT, _RIGHT, _ROW = 860, 400, 110, 26
_PROGRAMS = {"a": "product", "b": "simulator", "c": "load generator"}
_STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --soft: #66758a; --line: #d8dee6; --paper: #ffffff;
  --a: #2f6fb5; --b: #9db8d6; --c: #d5dfea; --bad: #c0392b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf3; --soft: #9aa8b8; --line: #36424f;
  --paper: #161c23; --a: #5b9bdf; --b: #3f648c; --c: #2b3d50; --bad: #e8705f; } }
body { margin: 2rem auto; max-width: 50rem; padding: 0 1rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; } p { color: var(--soft); }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .3rem .5rem; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; } th { color: var(--soft); font-weight: 500; }
td.bad { color: var(--bad); font-weight: 600; } svg { width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); } svg text.q { fill: var(--soft); }
svg .a { fill: var(--a); } svg .b { fill: var(--b); } svg .c { fill: var(--c); }
svg .bad { fill: var(--bad); }
.key { display: inline-block; width: .8em; height: .8em; }
.key.a { background: var(--a); } .key.b { background: var(--b); } .key.c { background: var(--c); }
svg .grid { stroke: var(--line); } svg .limit { stroke: var(--bad); stroke-width: 2; }
"""


def bench_page(results: dict[str, Any], verdicts: list[Verdict]) -> str:
    """The whole page."""
    machine = results["machine"]
    parts = [
        "<h1>What a message costs</h1>",
        f"<p>Measured {results['measured_at']} on {machine['cpus']} CPUs, Python {machine['python']}. "
        "CPU is user and system time, divided by how slow the machine was during the run; the rate comes "
        "from the same run, with load generator and simulator on the same machine.</p>",
        "<h2>Whole path: submit_sm to acknowledged receipt</h2>",
        _runs_table(results["runs"]),
        "<h2>CPU of a message, by program</h2>",
        "<p>As counted, not divided: "
        + ", ".join(f'<span class="key {css}"></span> {escape(who)}' for css, who in _PROGRAMS.items())
        + ".</p>",
        _programs(results["runs"]),
        "<h2>Where our CPU goes, on one thread and without sockets</h2>",
        _bars([(STAGES[stage], cpu_us, None) for stage, cpu_us in results["stages_us"].items()], "µs"),
        f"<h2>Against the budget (margin {results['budget']['margin_percent']} %)</h2>",
        _bars([(each.name, each.measured, each.limit) for each in verdicts], "µs"),
        _budget_table(verdicts),
        "<h2>Promises of single rows</h2>",
        _promises_table(results.get("promises", [])),
    ]
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>What a message costs</title>'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def _runs_table(runs: list[dict[str, Any]]) -> str:
    heads = ("store", "window", "binds", "messages/s", "CPU µs", "raw µs", "p50 ms", "p99 ms", "MiB")
    rows = [
        "".join(f"<td>{cell}</td>" for cell in (
            escape(run["database"]) + (", half load" if run["rate_asked"] else ""),
            run["window"], run["binds"], f"{run['messages_per_second']:,.0f}",
            f"{run['cpu_us_per_message']:.1f}", f"{run['cpu_us_per_message_raw']:.1f}",
            f"{run['p50_ms']:.1f}", f"{run['p99_ms']:.1f}", f"{run['rss_mib']:.0f}",
        ))
        for run in runs
    ]  # fmt: skip
    return _table(heads, rows)


def _budget_table(verdicts: list[Verdict]) -> str:
    rows = []
    for each in verdicts:
        css = ' class="bad"' if each.exceeds else ""
        best, limit = ("–" if value is None else f"{value:.1f}" for value in (each.best, each.limit))
        cells = f"<td>{escape(each.name)}</td><td{css}>{each.measured:.1f}</td><td>{best}</td>"
        rows.append(f"{cells}<td>{limit}</td>")
    return _table(("figure, µs of CPU", "now", "best", "limit"), rows)


def _promises_table(promises: list[dict[str, Any]]) -> str:
    rows = []
    for each in promises:
        css = "" if each["kept"] else ' class="bad"'
        rows.append(f"<td>{escape(each['name'])}</td><td{css}>{escape(each['words'])}</td>")
    return _table(("figure", "measured"), rows)


def _table(heads: tuple[str, ...], rows: list[str]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _programs(runs: list[dict[str, Any]]) -> str:
    """Stacked bars, raw CPU: the product, the simulator, the load generator."""
    names = ("cpu_us_per_message_raw", "simulator_cpu_us_per_message", "load_cpu_us_per_message")
    largest = max((sum(run[name] for name in names) for run in runs), default=1.0)
    sheet, scale = _sheet(len(runs), largest, "CPU by program", "One stacked bar a run")
    for index, run in enumerate(runs):
        label = f"{run['database']}, window {run['window']}, binds {run['binds']}"
        label += ", half load" if run["rate_asked"] else ""
        y, x = 24 + index * _ROW, float(_LEFT)
        sheet.text(_LEFT - 8, y + 13, label, anchor="end")
        for name, (css, who) in zip(names, _PROGRAMS.items(), strict=True):
            sheet.rect(x, y, run[name] * scale, _ROW - 8, css, tip=f"{who}: {run[name]:.1f} µs")
            x += run[name] * scale
        sheet.text(x + 6, y + 13, f"{sum(run[name] for name in names):.0f} µs", "q")
    return sheet.markup()


def _bars(rows: list[tuple[str, float, float | None]], unit: str) -> str:
    """(label, value, limit or None) as bars with a mark at the limit."""
    largest = max((max(value, limit or 0) for _, value, limit in rows), default=1.0)
    sheet, scale = _sheet(len(rows), largest, "Figures", "One bar a figure; a mark is its limit")
    for index, (label, value, limit) in enumerate(rows):
        y = 24 + index * _ROW
        exceeds = limit is not None and value > limit
        sheet.text(_LEFT - 8, y + 13, label if len(label) <= 62 else f"{label[:61]}…", anchor="end")
        sheet.rect(_LEFT, y, value * scale, _ROW - 8, "bad" if exceeds else "a", tip=label)
        if limit is not None:
            sheet.line(_LEFT + limit * scale, y - 2, _LEFT + limit * scale, y + _ROW - 6, "limit")
        words = f"{value:.1f} {unit}" if limit is None else f"{value:.1f} of {limit:.1f} {unit}"
        sheet.text(_LEFT + max(value, limit or 0) * scale + 6, y + 13, words, "q")
    return sheet.markup()


def _sheet(rows: int, largest: float, title: str, description: str) -> tuple[Sheet, float]:
    """An empty sheet with its grid, and pixels per unit."""
    largest = largest or 1.0
    sheet = Sheet(_WIDTH, 30 + rows * _ROW, title, description)
    scale = (_WIDTH - _LEFT - _RIGHT) / largest
    step = round_step(largest)
    at = 0.0
    while at <= largest:
        sheet.line(_LEFT + at * scale, 18, _LEFT + at * scale, 22 + rows * _ROW, "grid")
        sheet.text(_LEFT + at * scale, 12, f"{at:g}", "q", anchor="middle")
        at += step
    return sheet, scale
