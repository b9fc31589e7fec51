"""Laws about the crash run: nothing that was promised is lost, nothing goes twice."""

from collections.abc import Iterator

from operator_push.cli.demo.invariants.invariant import Invariant
from operator_push.cli.demo.plan import CRASH_UNANSWERED_MIN, CRASH_UNSENT_MIN
from operator_push.cli.demo.results import Results


def crash_laws(results: Results) -> Iterator[Invariant]:
    """A kill under load costs nothing that was promised."""
    outcome, proof, area = results.crash, results.crash_proof, "kill -9"
    unanswered = min((round_.unanswered for round_ in outcome.rounds), default=0)
    unsent = min((round_.unsent for round_ in outcome.rounds), default=0)
    yield Invariant(
        area,
        "much was in the air when the product was killed",
        unanswered >= CRASH_UNANSWERED_MIN and unsent >= CRASH_UNSENT_MIN,
        f"{len(outcome.rounds)} kill(s); at least {unanswered} submits unanswered by the SMSC,"
        f" {unsent} messages accepted and unsent",
        "crash/smsc/witness.jsonl",
    )
    yield Invariant(
        area,
        "nothing that was acknowledged is lost",
        proof.lost == 0 and proof.acknowledged_without_row == 0 and proof.acknowledged > 0,
        f"{proof.acknowledged:,} acknowledged, {proof.lost} missing at the SMSC,"
        f" {proof.acknowledged_without_row} missing in our rows",
        "esme/nagarbank-crash-*-record.jsonl and crash/smsc/witness.jsonl: " + "; ".join(proof.examples[:3]),
    )
    yield Invariant(
        area,
        "nothing went twice",
        proof.duplicated == 0 and proof.stored_unlike_witness == 0,
        f"{proof.arrived:,} submit_sm at the SMSC, {proof.duplicated} of them a second time,"
        f" {proof.stored_unlike_witness} segments stored otherwise than witnessed",
        "crash/smsc/witness.jsonl: " + "; ".join(proof.examples[:3]),
    )
    yield Invariant(
        area,
        "every acknowledged message got its receipt after all",
        proof.acknowledged_without_receipt == 0,
        f"{proof.acknowledged_without_receipt} without a receipt",
        "esme/nagarbank-crash-*-record.jsonl, rows receipt",
    )
    yield Invariant(
        area,
        "the ledger balances and every hold is resolved",
        proof.imbalance_micros == 0 and proof.open_holds == 0 and not proof.ledger_error,
        f"imbalance {proof.imbalance_micros} micros, {proof.open_holds} open holds",
        f"crash/product/operator-push.db, table ledger_transfer: {proof.ledger_error}",
    )
    found = proof.reconciliation
    yield Invariant(
        area,
        "messages, ledger and the SMSC's CDR agree again",
        found is not None and found.is_clean and found.matched > 0,
        f"{found.matched:,} matched, {found.mismatched:,} mismatched" if found else "not reconciled",
        "crash/smsc/cdr and crash/product/operator-push.db",
    )
