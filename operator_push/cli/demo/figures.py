"""The figures: report.json, in the form that is promised: integers, money in micros, each message once."""

from collections import Counter
from typing import Any

from operator_push.cli.demo.results import Results, Sale


def report_figures(results: Results) -> dict[str, Any]:
    """The document of report.json; docs/report-columns.md says what each figure means."""
    run = results.people.ingest
    stops, throughput = results.stops, results.throughput
    names = ("read", "accepted", "rejected", "duplicates", "not_permitted", "profiles")
    return {
        "ingest": {name: run[name] for name in names},
        "campaigns": [_campaign(results, sale) for sale in results.sales],
        "esme": _esme(results),
        "stop": {
            "received": stops.received,
            "sent_after_stop": stops.sent_after_stop,
            "slowest_ms": stops.slowest_ms,
        },
        "ledger": _ledger(results),
        "reconciliation": results.reconciliation.counts(),
        "crash": _crash(results),
        "throughput": {
            "messages": throughput.messages,
            "seconds": round(throughput.seconds, 3),
            "per_second": round(throughput.per_second, 1),
            "gateway_cpu_us_per_message": round(throughput.cpu_us_per_message, 1),
        },
    }


def _campaign(results: Results, sale: Sale) -> dict[str, Any]:
    tally = results.facts.campaigns[sale.enterprise.campaign]
    return {
        "name": sale.enterprise.campaign,
        "rule": sale.enterprise.rule,
        "audience": tally.audience,
        "quoted_micros": sale.quoted_micros,
        "suppressed": dict(sorted(tally.suppressed.items())),
        "submitted": tally.submitted,
        "delivered": tally.delivered,
        "failed": tally.failed,
        "expired": tally.expired,
        "unknown": tally.unknown,
        "charged_micros": tally.charged_micros,
    }


def _esme(results: Results) -> dict[str, Any]:
    bank = results.bank
    refused = Counter(bank.main.refused()) + Counter(bank.low.refused())
    return {
        "submitted": bank.main.submitted + bank.low.submitted,
        "accepted": len(bank.main.accepted) + len(bank.low.accepted),
        "refused": dict(sorted(refused.items())),
        "receipts": len(bank.main.receipts) + len(bank.low.receipts),
    }


def _ledger(results: Results) -> dict[str, int]:
    money, ledger = results.facts.money.values(), results.facts.ledger
    return {
        "held_micros": sum(account.held for account in money),
        "settled_micros": sum(account.settled for account in money),
        "released_micros": sum(account.released for account in money),
        "open_holds_micros": ledger.open_holds_micros,
        "imbalance_micros": ledger.imbalance_micros,
    }


def _crash(results: Results) -> dict[str, int]:
    """Over several rounds: sums of messages, and the smaller of the numbers at the moments of the kills."""
    rounds, proof = results.crash.rounds, results.crash_proof
    return {
        "acknowledged": proof.acknowledged,
        "unanswered_at_kill": min((killed.unanswered for killed in rounds), default=0),
        "unsent_at_kill": min((killed.unsent for killed in rounds), default=0),
        "lost": proof.lost,
        "duplicated": proof.duplicated,
        "imbalance_micros": proof.imbalance_micros,
    }
