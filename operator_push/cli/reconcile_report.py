"""Reports of a reconciliation: report.json, report.csv (every disagreement), classes.csv (the sums of each
class) and report.html (one page).

Recipients are masked, and no text of a message is known here.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from operator_push.kernel.money import format_micros
from operator_push.services.reconcile import ClassTotal, Example, Reconciliation, ReconciliationClass
from operator_push.services.reconciliation import Amounts

Disagreement = tuple[ReconciliationClass, Example]

COLUMNS = (
    "class",
    "message_id",
    "segment_no",
    "account",
    "recipient",
    "smsc_message_ids",
    "ours",
    "theirs",
    "charged_micros",
    "due_micros",
    "at_risk_micros",
    "note",
)
CLASS_COLUMNS = ("class", "other_currency", "segments", "charged_micros", "due_micros", "at_risk_micros")
ROWS_ON_PAGE = 500  # Ours: more than anybody reads; report.csv has them all.
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1c2330}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{padding:.3rem .6rem;text-align:left;"
    "border-bottom:1px solid #d8dde6}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    ".ok{color:#17713a}.wrong{color:#a11a1a}"
)


def write_reports(folder: Path, found: Reconciliation, disagreements: Sequence[Disagreement]) -> None:
    """Write the files into a folder that is made where it is missing; older ones are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "report.json", json.dumps(found.as_json(), indent=2) + "\n")
    _write_csv(folder / "report.csv", COLUMNS, (_cells(*each) for each in disagreements))
    _write_csv(folder / "classes.csv", CLASS_COLUMNS, _class_cells(found))
    _write(folder / "report.html", page(found, disagreements))


def page(found: Reconciliation, disagreements: Sequence[Disagreement]) -> str:
    """The report as one page without scripts and without anything from elsewhere."""
    classes = "".join(_class_row(each, total) for each, total in found.classes.items())
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in _cells(name, each)) + "</tr>"
        for name, each in disagreements[:ROWS_ON_PAGE]
    )
    more = len(disagreements) - ROWS_ON_PAGE
    verdict = (
        "<p class=ok>All three sides agree on every segment.</p>"
        if found.is_clean
        else f"<p class=wrong>{found.mismatched:,} segments do not match.</p>"
    )
    counts = "".join(
        f"<li>{name.replace('_', ' ')}: {count:,}</li>" for name, count in found.counts().items()
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Reconciliation</title>"
        f"<style>{_STYLE}</style><h1>Messages × ledger × the SMSC's CDRs</h1>{verdict}<ul>{counts}</ul>"
        "<table><tr><th>class<th class=n>segments<th class=n>charged<th class=n>due<th class=n>at risk</tr>"
        f"{classes}</table><h2>What does not match</h2><table><tr>"
        + "".join(f"<th>{name.replace('_', ' ')}</th>" for name in COLUMNS)
        + f"</tr>{rows}</table>"
        + (f"<p>and {more:,} more in report.csv</p>" if more > 0 else "")
        + "</html>\n"
    )


def _class_row(name: ReconciliationClass, total: ClassTotal) -> str:
    """The class in the currency of the house, and a row for each other one."""
    words = name.value.replace("_", " ")
    rows = f"<tr><td>{words}</td><td class=n>{total.segments:,}</td>{_shown(total)}</tr>"
    for currency, amounts in sorted(total.other_currencies.items()):
        rows += f"<tr><td>{words}, in {escape(currency)}</td><td class=n></td>{_shown(amounts)}</tr>"
    return rows


def _class_cells(found: Reconciliation) -> Iterator[tuple[object, ...]]:
    """A row for each class in the currency of the house (""), and one for each other currency in it."""
    for name, total in found.classes.items():
        yield (name.value, "", total.segments, *_amounts(total))
        for currency, amounts in sorted(total.other_currencies.items()):
            yield (name.value, currency, "", *_amounts(amounts))


def _shown(found: Amounts) -> str:
    return "".join(f"<td class=n>{format_micros(amount)}</td>" for amount in _amounts(found))


def _amounts(found: Amounts) -> tuple[int, int, int]:
    return found.charged_micros, found.due_micros, found.at_risk_micros


def _cells(name: ReconciliationClass, each: Example) -> tuple[object, ...]:
    return (
        name.value,
        each.message_id,
        each.segment_no,
        each.account,
        each.recipient,
        " ".join(each.smsc_message_ids),
        each.ours,
        each.theirs,
        each.charged_micros,
        each.due_micros,
        abs(each.charged_micros - each.due_micros),
        each.note,
    )


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    part.replace(path)


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
