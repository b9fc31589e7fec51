"""Proof rows: what is needed from the store to prove messages against money and against the SMSC.

`our_messages` is our side of services.reconcile; `verify_ledger` proves the ledger from its rows. Both read
within one `Database.read`, so that they see one moment of a running product.
"""

from collections.abc import Iterator, Mapping

import msgspec
from sqlalchemy import Connection, exists, select

from operator_push.domain.ledger import LedgerAccount, LedgerProof, TransferKind, verify
from operator_push.domain.message import Verdict
from operator_push.kernel.ids import id_day
from operator_push.services.finish_message import TOLD_BY_CDR, TOLD_BY_RECEIPT
from operator_push.services.open_messages import WHOLE
from operator_push.services.reconciliation import OurMessage, OurMoney, OurSegment
from operator_push.store import facts, schema
from operator_push.store.archive_reading import archived_days, opened
from operator_push.store.stored_messages import (
    ESME_ROK,
    StoredMessage,
    segment_state_of,
    smsc_message_id_of,
    stored_messages,
)


def our_messages(connection: Connection, shard: int) -> Iterator[OurMessage]:
    """Every admitted message as services.reconcile takes it."""
    names = account_names(connection)
    for stored in stored_messages(connection, shard):
        yield our_message(stored, names)


def our_message(stored: StoredMessage, account_names: Mapping[int, str]) -> OurMessage:
    """The side of the join that is ours, from the rows of one message."""
    row = stored.row
    account = account_names.get(row.account_no, f"account {row.account_no}")
    numbers = (WHOLE,) if stored.is_whole else range(1, row.segment_count + 1)
    count = row.segment_count if stored.is_whole else 1
    segments = tuple(_our_segment(stored, segment_no, account, count) for segment_no in numbers)
    by_kind = dict.fromkeys(TransferKind, 0)
    for transfer in stored.transfers:
        by_kind[transfer.kind] += transfer.amount_micros
    money = OurMoney(
        held_micros=by_kind[TransferKind.HOLD],
        settled_micros=by_kind[TransferKind.SETTLE],
        released_micros=by_kind[TransferKind.RELEASE] + by_kind[TransferKind.EXPIRE],
        has_hold=any(transfer.kind is TransferKind.HOLD for transfer in stored.transfers),
    )
    return OurMessage(row.message_id, row.price_micros * count, stored.final is not None, money, segments)


def account_names(connection: Connection) -> dict[int, str]:
    """account_no → name."""
    row = schema.account.c
    return {found.account_no: found.name for found in connection.execute(select(row.account_no, row.name))}


def brand_names(connection: Connection) -> dict[int, str]:
    """brand_no → name."""
    row = schema.brand.c
    return {found.brand_no: found.name for found in connection.execute(select(row.brand_no, row.name))}


def link_names(connection: Connection) -> dict[int, str]:
    """link_no → the name of an SMSC link in the configuration."""
    row = schema.smsc_link.c
    return {found.link_no: found.name for found in connection.execute(select(row.link_no, row.name))}


def verify_ledger(connection: Connection, shard: int) -> LedgerProof:
    """Prove the ledger of a shard from its rows, and that the stored balances are the sums of them.

    Beyond domain.ledger_proof: each stored balance equals the sum over its transfers, and every hold belongs
    to an admitted message. What that adds is counted in `errors` and `imbalance_micros`.
    """
    proof = verify(facts.transfers(connection, shard))
    stored = facts.balances(connection, shard)
    errors: list[str] = []
    imbalance = proof.imbalance_micros
    for account_no, side in sorted({*stored, *((number, int(side)) for number, side in proof.balances)}):
        kept = stored.get((account_no, side), 0)
        summed = proof.balances.get((account_no, LedgerAccount(side)), 0)
        if kept != summed:
            name = LedgerAccount(side).name.lower()
            errors.append(
                f"account {account_no}: the stored balance of {name} is {kept} micros, "
                f"its transfers come to {summed}"
            )
            imbalance += abs(kept - summed)
    for reference, amount in _holds_without_message(connection, shard):
        errors.append(f"hold {reference} of {amount} micros belongs to no admitted message")
        imbalance += amount
    if not errors:
        return proof
    return msgspec.structs.replace(
        proof,
        balanced=False,
        imbalance_micros=imbalance,
        first_error=proof.first_error or errors[0],
        errors=proof.errors + len(errors),
    )


def _our_segment(stored: StoredMessage, segment_no: int, account: str, count: int) -> OurSegment:
    row = stored.row
    left = [attempt for attempt in stored.attempts_of(segment_no) if attempt.left_us]
    outcome = stored.outcome_of(segment_no)
    accepted = any(attempt.command_status == ESME_ROK for attempt in left)
    told_by_smsc = outcome is not None and outcome.told_by in (TOLD_BY_RECEIPT, TOLD_BY_CDR)
    return OurSegment(
        message_id=row.message_id,
        segment_no=segment_no,
        account=account,
        destination=row.destination,
        source=row.source,
        user_message_reference=left[-1].user_message_reference if left else -1,
        smsc_message_id=smsc_message_id_of(stored, segment_no),
        attempts=len(left),
        state=segment_state_of(stored, segment_no),
        price_micros=row.price_micros * count,
        link_no=left[-1].link_no if left else 0,
        unanswered=any(attempt.command_status is None for attempt in left),
        taken=accepted or told_by_smsc,
        first_attempt_us=left[0].at_us if left else 0,
        last_attempt_us=left[-1].at_us if left else 0,
        ended_us=outcome.at_us if outcome is not None else 0,
        parts=row.segment_count // count,
        count=count,
    )


def _holds_without_message(connection: Connection, shard: int) -> list[tuple[int, int]]:
    days = archived_days(connection, shard)
    archived = {each.day for each in days}
    found = [row for row in _holds_without_message_in(connection, shard) if id_day(row[0]) not in archived]
    for day in days:
        with opened(day) as archive:
            found += _holds_without_message_in(archive, shard)
    return found


def _holds_without_message_in(connection: Connection, shard: int) -> list[tuple[int, int]]:
    transfer, message = schema.ledger_transfer.c, schema.message.c
    admitted = exists().where(
        message.shard == transfer.shard,
        message.day == transfer.day,
        message.message_id == transfer.reference,
        message.verdict != int(Verdict.REFUSE),
    )
    statement = select(transfer.reference, transfer.amount_micros).where(
        transfer.shard == shard, transfer.kind == int(TransferKind.HOLD), ~admitted
    )
    return [(reference, amount) for reference, amount in connection.execute(statement)]
