"""The page: `Results` and their judgement into report.html, by the template beside this file."""

import platform
import sys
from collections.abc import Sequence
from os import cpu_count
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from operator_push._version import __version__
from operator_push.cli.demo.enterprises import CURRENCY
from operator_push.cli.demo.invariants.invariant import Invariant
from operator_push.cli.demo.report.crash_arrivals import crash_arrivals
from operator_push.cli.demo.report.ends import ends_chart
from operator_push.cli.demo.report.money_flow import money_flow
from operator_push.cli.demo.report.rate import rate_chart
from operator_push.cli.demo.report.records_bar import records_bar
from operator_push.cli.demo.report.stop_dots import stop_dots
from operator_push.cli.demo.report.tables import (
    ESME_NAMES,
    campaign_cards,
    crash_rows,
    end_rows,
    kept_rows,
    kind_rows,
    permit_rows,
    reject_rows,
    status_rows,
)
from operator_push.cli.demo.report.words import (
    crash_words,
    headline,
    ingest_words,
    join_words,
    lead,
    rate_words,
    stop_words,
    tiles,
)
from operator_push.cli.demo.results import Results
from operator_push.cli.drawing import style
from operator_push.kernel.money import format_micros

_HERE = Path(__file__).parent
FILES = (
    ("report.json", "the figures of this page"),
    ("messages.csv", "one row per segment, refused messages included; recipients are pseudonyms"),
    ("ledger.csv", "every posting"),
    ("smsc_cdr.csv", "the SMSC's own CDR files, joined"),
    ("input/", "the generated records, as mediation would drop them"),
    ("features/", "features.json, rejects.csv, run.json of cdr-ingest"),
    ("product/", "the product's data directory and configuration; start it again with operator-push serve"),
    ("smsc/", "the simulator's scenario, its witness of every PDU, its CDR periods"),
    ("esme/", "what the bank was told to send, and everything that it saw"),
    ("crash/", "product and simulator of the crash run"),
    ("logs/", "one log per program"),
)


def write_page(path: Path, results: Results, invariants: Sequence[Invariant]) -> None:
    """Render and write the page; it needs nothing but itself."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string((_HERE / "page.html.j2").read_text(encoding="utf-8"))
    text = template.render(_context(path.parent, results, invariants))
    path.write_text(text, encoding="utf-8")


def _context(folder: Path, results: Results, invariants: Sequence[Invariant]) -> dict[str, Any]:
    broken = sum(not row.held for row in invariants)
    return {
        "css": style((_HERE / "page.css").read_text(encoding="utf-8")),
        "headline": headline(results),
        "lead": lead(results),
        "held": not broken,
        "verdict": f"{broken} of {len(invariants)} invariants did not hold"
        if broken
        else f"All {len(invariants)} invariants held",
        "run_line": _run_line(results),
        "tiles": tiles(results),
        "laws": _by_area(invariants),
        "command": _command(results, folder),
        "folder": folder.name,
        "files": FILES,
        "version": __version__,
        "python": platform.python_version(),
        "machine": f"{cpu_count()} cores, {sys.platform}",
        **_people(results),
        **_main_run(results),
        **_proofs(results),
    }


def _people(results: Results) -> dict[str, Any]:
    return {
        "ingest_words": ingest_words(results),
        "records_bar": records_bar(results.people.ingest),
        "reject_rows": reject_rows(results),
        "kind_rows": kind_rows(results),
        "permit_rows": permit_rows(results),
        "campaigns": campaign_cards(results),
        "click": results.click,
    }


def _main_run(results: Results) -> dict[str, Any]:
    facts = results.facts
    senders = [(sale.enterprise.brand, facts.campaigns[sale.enterprise.campaign]) for sale in results.sales]
    senders += [
        (ESME_NAMES.get(account, account), tally) for account, tally in sorted(facts.accounts.items())
    ]
    names = {sale.enterprise.account: sale.enterprise.brand for sale in results.sales} | ESME_NAMES
    money = {names.get(account, account): facts.money[account] for account in names if account in facts.money}
    return {
        "rate_words": rate_words(results),
        "rate_chart": rate_chart(
            facts.accepted_us, facts.ended_us, [stop.sent_us for stop in results.stops.stops]
        ),
        "ends_chart": ends_chart(senders),
        "kept_rows": kept_rows(results),
        "end_rows": end_rows(results),
        "status_rows": status_rows(results),
        "postings": f"{facts.ledger.postings:,}",
        "imbalance": f"{format_micros(facts.ledger.imbalance_micros)} {CURRENCY}",
        "money_flow": money_flow(money, CURRENCY),
    }


def _proofs(results: Results) -> dict[str, Any]:
    found, crash, proof = results.reconciliation, results.crash, results.crash_proof
    return {
        "stop_words": stop_words(results),
        "stop_dots": stop_dots([stop.latency_ms for stop in results.stops.acknowledged]),
        "stopped": not results.stops.sent_after_stop,
        "matched": found.is_clean,
        "recovered": not (proof.lost or proof.duplicated),
        "records": [
            {"figure": f"{results.sent:,}", "words": "segments that left us, in messages.csv"},
            {"figure": f"{found.segments_ledger:,}", "words": "segments with their money in ledger.csv"},
            {"figure": f"{found.segments_smsc:,}", "words": "rows that the SMSC wrote, in smsc_cdr.csv"},
        ],
        "join_words": join_words(results),
        "crash_words": crash_words(results),
        "crash_chart": crash_arrivals(proof.arrivals_us, crash.rounds[0]),
        "crash_rows": crash_rows(results),
        "crash_records": [
            {"figure": f"{proof.acknowledged:,}", "words": "messages acknowledged to the ESME"},
            {"figure": f"{proof.lost:,}", "words": "of them lost"},
            {"figure": f"{proof.duplicated:,}", "words": "messages sent twice"},
        ],
    }


def _by_area(invariants: Sequence[Invariant]) -> list[tuple[str, list[Invariant]]]:
    areas: dict[str, list[Invariant]] = {}
    for row in invariants:
        areas.setdefault(row.area, []).append(row)
    return list(areas.items())


def _run_line(results: Results) -> str:
    plan = results.plan
    return (
        f"{results.started_at.replace('T', ' ').replace('+00:00', ' UTC')} · {results.seconds:.0f} s ·"
        f" {plan.subscribers:,} subscribers · {plan.messages:,} messages · seed {plan.seed}"
    )


def _command(results: Results, folder: Path) -> str:
    plan = results.plan
    rounds = f" --crash-rounds {plan.crash_rounds}" if plan.crash_rounds > 1 else ""
    return (
        f"operator-push demo --out {folder.name} --subscribers {plan.subscribers} --messages {plan.messages}"
        f" --seed {plan.seed}{rounds}"
    )
