"""Laws about money: the ledger in itself, and against the SMSC's own record."""

from collections.abc import Iterator

from operator_push.cli.demo.invariants.invariant import Invariant
from operator_push.cli.demo.results import Results
from operator_push.kernel.money import format_micros


def money_laws(results: Results) -> Iterator[Invariant]:
    """The ledger balances and every hold is resolved."""
    facts, area = results.facts, "Money"
    ledger = facts.ledger
    yield Invariant(
        area,
        "the ledger balances: debits equal credits, balances are the sums of their transfers",
        ledger.imbalance_micros == 0 and ledger.errors == 0,
        f"{ledger.postings:,} postings, imbalance {ledger.imbalance_micros} micros",
        f"ledger.csv: {ledger.first_error}",
    )
    held = sum(money.held for money in facts.money.values())
    settled = sum(money.settled for money in facts.money.values())
    released = sum(money.released for money in facts.money.values())
    yield Invariant(
        area,
        "every hold became a settle, a release, or part and part",
        held == settled + released and not ledger.open_holds,
        f"{format_micros(held)} held = {format_micros(settled)} settled + {format_micros(released)} released",
        "ledger.csv, references with a HOLD alone",
    )
    yield Invariant(
        area,
        "each message was held at its price and charged for its delivered segments",
        not facts.holds_unlike_price and not facts.charges_unlike_delivery,
        f"{facts.accepted:,} messages; {facts.holds_unlike_price} held otherwise,"
        f" {facts.charges_unlike_delivery} charged otherwise",
        "messages.csv, columns price_micros, held_micros, settled_micros",
    )
    yield Invariant(
        area,
        "no prepaid balance fell below zero",
        facts.below_zero == 0,
        f"{facts.below_zero} balances below zero",
        "ledger.csv, side AVAILABLE",
    )


def reconciliation_laws(results: Results) -> Iterator[Invariant]:
    """Three records say the same."""
    found, joined, area = results.reconciliation, results.joined, "Reconciliation"
    yield Invariant(
        area,
        "our messages, our ledger and the SMSC's CDR agree on every segment",
        found.is_clean and found.matched > 0,
        f"{found.segments_ledger:,} in the ledger, {found.segments_smsc:,} at the SMSC,"
        f" {found.matched:,} matched, {found.mismatched:,} mismatched",
        "operator-push reconcile --config product/operator-push.toml --cdr smsc_cdr.csv",
    )
    yield Invariant(
        area,
        "an outsider who joins the three exports finds the same",
        joined.problem_count == 0 and joined.matched == found.matched == joined.smsc_rows,
        f"{joined.matched:,} of {joined.segments_sent:,} segments join, {joined.problem_count} problems",
        "messages.csv, ledger.csv, smsc_cdr.csv: " + "; ".join(joined.problems[:2]),
    )
    yield Invariant(
        area,
        "each segment that left reached the SMSC exactly once",
        results.never_at_smsc == 0 and results.too_often_at_smsc == 0 and results.sent == results.at_smsc,
        f"{results.sent:,} left us, {results.at_smsc:,} in the SMSC's witness;"
        f" {results.never_at_smsc} missing, {results.too_often_at_smsc} too many",
        "smsc/witness.jsonl",
    )
