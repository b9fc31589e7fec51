"""The judgement over a crash run, from two sides that know nothing of each other.

The bank's record says what was acknowledged, the simulator's witness what arrived; each order of a crash run
goes to a person of its own, so counting submit_sm per number needs nothing from the product. Its rows and its
ledger are judged beside that.
"""

from collections import Counter
from dataclasses import dataclass, field

from operator_push.cli.demo.crash_run import CrashOutcome
from operator_push.cli.demo.reconciling import SHARD, reconcile_closed
from operator_push.cli.demo.witness import read_witness, submits_by_destination, submits_by_key
from operator_push.cli.demo.workspace import Installation
from operator_push.domain.message import MessageState
from operator_push.services.reconcile import Reconciliation
from operator_push.store.database import Database
from operator_push.store.ledger_audit import verify_ledger
from operator_push.store.stored_messages import StoredMessage, stored_messages


@dataclass(slots=True)
class CrashProof:
    """What was found. Counts are messages; `arrivals_us` is when each submit_sm came to the SMSC.

    `examples` name the records to look at.
    """

    acknowledged: int = 0
    unacknowledged: int = 0
    arrived: int = 0
    lost: int = 0
    duplicated: int = 0
    withdrawn: int = 0
    stored_unlike_witness: int = 0
    acknowledged_without_row: int = 0
    acknowledged_without_receipt: int = 0
    open_holds: int = 0
    imbalance_micros: int = 0
    ledger_error: str = ""
    reconciliation: Reconciliation | None = None
    arrivals_us: list[int] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


def prove_crashes(outcome: CrashOutcome, installation: Installation) -> CrashProof:
    """Judge a finished crash run; product and simulator have stopped."""
    proof = CrashProof()
    stored = _stored(installation, proof)
    rows = list(read_witness(installation.witness))
    arrived = submits_by_destination(rows)
    acknowledged: Counter[str] = Counter()
    offered: Counter[str] = Counter()
    receipts: set[str] = set()
    for seen in outcome.seen:
        receipts.update(row.message_id for row in seen.receipts)
        acknowledged.update(row.destination for row in seen.accepted)
        offered.update(row.destination for row in (*seen.accepted, *seen.unacknowledged))
    withdrawn = Counter(
        message.row.destination for message in stored.values() if _is_withdrawn_unsent(message)
    )
    proof.acknowledged = acknowledged.total()
    proof.unacknowledged = offered.total() - proof.acknowledged
    proof.arrived = arrived.total()
    proof.arrivals_us = [row.t for row in rows if row.is_accepted_submit]
    proof.withdrawn = withdrawn.total()
    for number, count in acknowledged.items():
        missing = count - arrived[number] - withdrawn[number]
        if missing > 0:
            proof.lost += missing
            proof.examples.append(f"acknowledged and never at the SMSC: …{number[-4:]}")
    for number, count in arrived.items():
        extra = count - max(offered[number], 0)
        if extra > 0:
            proof.duplicated += extra
            proof.examples.append(f"{count} times at the SMSC: …{number[-4:]}")
    _judge_rows(proof, outcome, stored, submits_by_key(rows), receipts)
    proof.reconciliation = reconcile_closed(installation)
    return proof


def _stored(installation: Installation, proof: CrashProof) -> dict[int, StoredMessage]:
    database = Database.open(f"sqlite:///{installation.database}")
    try:
        ledger = database.read(lambda connection: verify_ledger(connection, SHARD))
        stored = database.read(
            lambda connection: {found.row.message_id: found for found in stored_messages(connection, SHARD)}
        )
    finally:
        database.close()
    proof.open_holds = len(ledger.open_holds)
    proof.imbalance_micros = ledger.imbalance_micros
    proof.ledger_error = ledger.first_error or ""
    return stored


def _judge_rows(
    proof: CrashProof,
    outcome: CrashOutcome,
    stored: dict[int, StoredMessage],
    at_smsc: Counter[tuple[str, int]],
    receipts: set[str],
) -> None:
    """The product's own rows against the two other records."""
    for seen in outcome.seen:
        for row in seen.accepted:
            proof.acknowledged_without_row += int(row.message_id) not in stored
            proof.acknowledged_without_receipt += row.message_id not in receipts
    for message in stored.values():
        for segment_no in range(1, message.row.segment_count + 1):
            left = [attempt for attempt in message.attempts_of(segment_no) if attempt.left_us]
            keys = {(message.row.destination, attempt.user_message_reference) for attempt in left}
            expected = 0 if _is_withdrawn_unsent(message) else 1
            if sum(at_smsc[key] for key in keys) != expected:
                proof.stored_unlike_witness += 1
                proof.examples.append(f"message {message.row.message_id} segment {segment_no}")


def _is_withdrawn_unsent(message: StoredMessage) -> bool:
    """Ended by ourselves before its octets left, with its hold released."""
    final = message.final
    return (
        final is not None
        and final.state == MessageState.WITHDRAWN
        and final.released_micros == message.row.held_micros
        and not any(attempt.left_us for attempt in message.attempts)
    )
