"""The tables of the page: rows of words and figures, ready for the template."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from operator_push.cli.demo.enterprises import CURRENCY, NAGAR_BANK, NAGAR_LOW
from operator_push.cli.demo.report.funnel import funnel
from operator_push.cli.demo.results import Results, Sale
from operator_push.cli.drawing import share
from operator_push.kernel.money import format_micros

ESME_NAMES = {NAGAR_BANK.account: "Nagar Bank (ESME)", NAGAR_LOW.account: "Nagar Bank, low credit"}
_KINDS = {"subscriber": "subscribers", "cdr": "calls, SMS, data", "top_up": "top-ups"}
_CELLS = ("read", "accepted", "not_permitted", "rejected", "duplicates")
# GSM MAP causes (TS 29.002 section 17.6.6), as the simulator writes them into err:.
_CAUSES = {"27": "subscriber absent", "32": "handset full"}
_REASONS = {
    "WITHDRAWN": "said STOP, refused at the door",
    "WITHDRAWN_BEFORE_SENDING": "said STOP while it waited, taken back",
    "NO_PERMISSION": "never gave permission",
    "NO_CREDIT": "no credit",
    "BAD_DESTINATION": "not a number",
    "BAD_SOURCE": "sender is not the account's",
}


def reject_rows(results: Results) -> list[dict[str, Any]]:
    """Rejects by reason, most frequent first."""
    reasons: dict[str, int] = results.people.ingest["rejected_by_reason"]
    words = ((name.replace("_", " ").lower(), count) for name, count in reasons.items())
    return _metered(sorted(words, key=lambda row: -row[1]))


def kind_rows(results: Results) -> list[dict[str, Any]]:
    """Counts by kind of record."""
    by_kind: dict[str, dict[str, int]] = results.people.ingest.get("by_kind", {})
    return [
        {"words": _KINDS.get(kind, kind), "cells": [f"{counts[name]:,}" for name in _CELLS]}
        for kind, counts in by_kind.items()
    ]


def permit_rows(results: Results) -> list[dict[str, Any]]:
    """Subscribers by what they permit."""
    everybody = results.people.subscribers.applied
    rows = _metered(results.people.permitting.items(), everybody)
    for row, count in zip(rows, results.people.permitting.values(), strict=True):
        row["count"] += f" · {share(count, everybody)}"
    return rows


def campaign_cards(results: Results) -> list[dict[str, Any]]:
    """What each campaign's column shows."""
    return [_campaign_card(results, sale) for sale in results.sales]


def kept_rows(results: Results) -> list[dict[str, Any]]:
    """What we refused or took back, by sender and reason."""
    facts = results.facts
    counts: Counter[str] = Counter()
    for sale in results.sales:
        for reason, count in facts.campaigns[sale.enterprise.campaign].suppressed.items():
            counts[f"{sale.enterprise.brand}: {_reason(reason)}"] += count
    for account, tally in facts.accounts.items():
        for reason, count in tally.suppressed.items():
            counts[f"{ESME_NAMES.get(account, account)}: {_reason(reason)}"] += count
    return _metered(counts.most_common())


def end_rows(results: Results) -> list[dict[str, Any]]:
    """Segments that the SMSC ended without delivery, by state and network error."""
    counts: Counter[str] = Counter()
    for (state, error_code), count in results.facts.ends.items():
        if state not in ("DELIVERED", "WITHDRAWN"):
            counts[f"{state.lower()}: {_cause(state, error_code)}"] += count
    return _metered(counts.most_common())


def status_rows(results: Results) -> list[dict[str, Any]]:
    """command_status of every submit_sm_resp, as the ESME saw them."""
    counts: Counter[str] = Counter()
    for seen in (results.bank.main, results.bank.low):
        counts.update(row.status for row in seen.answered)
    return _metered(counts.most_common())


def crash_rows(results: Results) -> list[dict[str, str]]:
    """One row per kill."""
    return [
        {
            "number": f"{number}",
            "unanswered": f"{killed.unanswered:,}",
            "unsent": f"{killed.unsent:,}",
            "open_attempts": f"{killed.open_attempts:,}",
            "back": f"{killed.back_ms / 1000:.1f} s",
            "resolved": ", ".join(
                f"{count} {kind.replace('_', ' ')}" for kind, count in killed.resolved.items() if count
            )
            or "nothing left: receipts told it all",
        }
        for number, killed in enumerate(results.crash.rounds, 1)
    ]


def _campaign_card(results: Results, sale: Sale) -> dict[str, Any]:
    tally = results.facts.campaigns[sale.enterprise.campaign]
    segments = "one segment each" if sale.segments == 1 else f"{sale.segments} segments each"
    ordered = f"{len(sale.recipients):,} people, {segments}"
    if sale.is_limited:
        ordered += f"; limited from {sale.matching:,} to the messages of this run"
    steps = [
        ("subscribers", results.people.subscribers.applied),
        (f"permit {sale.enterprise.brand}", sale.permitting),
        ("match the rule", sale.matching),
    ]
    if sale.is_limited:
        steps.append(("ordered", len(sale.recipients)))
    steps += [("sent", tally.submitted), ("delivered", tally.delivered)]
    return {
        "name": sale.enterprise.campaign,
        "rule": sale.enterprise.rule,
        "words": sale.words,
        "facts": [
            ("the buyer hears", f"{sale.told} people"),
            ("orders", ordered),
            ("quote", f"{format_micros(sale.quoted_micros)} {CURRENCY}"),
            ("ordered by, approved by", f"{sale.ordered_by}, {sale.approved_by}"),
            ("charged", f"{format_micros(tally.charged_micros)} {CURRENCY}"),
        ],
        "funnel": funnel(sale.enterprise.campaign, steps),
    }


def _cause(state: str, error_code: str) -> str:
    if not error_code.strip("0"):
        return "off beyond its validity" if state == "EXPIRED" else "no error code"
    return _CAUSES.get(error_code.lstrip("0"), f"error {error_code}")


def _reason(reason: str) -> str:
    return _REASONS.get(reason, reason.replace("_", " ").lower())


def _metered(rows: Iterable[tuple[str, int]], whole: int = 0) -> list[dict[str, Any]]:
    """Rows with a bar's width in percent of `whole`, by default of the largest."""
    counted = list(rows)
    largest = whole or max((count for _, count in counted), default=1) or 1
    return [
        {"words": words, "count": f"{count:,}", "percent": round(100 * count / largest, 1)}
        for words, count in counted
    ]
