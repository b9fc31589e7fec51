"""Rated usage: what each segment was charged, for the operator's own billing.

Laws: a charge belongs to the UTC day of its posting, so a message is in one day's usage, and the sum of a day
is the sum of its postings in the ledger; the same day read again gives the same rows in the same order.
What is charged without a message (a fee, a monthly price) stands beside it, as `fees_of_day`.
"""

from collections.abc import Iterator, Mapping

import msgspec
from sqlalchemy import Connection, exists, select

from operator_push.cdr.smsc_message import NO_REFERENCE, Charge, SmscMessage
from operator_push.domain.message import MessageState
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.instants import MICROS_PER_DAY
from operator_push.services.open_messages import WHOLE
from operator_push.services.reconciliation_rules import charge_shares
from operator_push.store import schema
from operator_push.store.archive_reading import in_day_order, is_archived, opened
from operator_push.store.proof_rows import account_names
from operator_push.store.stored_messages import (
    StoredMessage,
    segment_state_of,
    smsc_message_id_of,
    stored_messages,
)

_CHARGED = (TransferKind.SETTLE, TransferKind.LATE_CHARGE, TransferKind.FAILED_REFUND)
# States that the SMSC knows, by their names in SMPP; others never left us.
_STATES = {
    MessageState.DELIVERED: "DELIVERED",
    MessageState.EXPIRED: "EXPIRED",
    MessageState.DELETED: "DELETED",
    MessageState.UNDELIVERABLE: "UNDELIVERABLE",
    MessageState.REJECTED: "REJECTED",
}


class Fee(msgspec.Struct, frozen=True):
    """What an account was charged without a message, or given back of an earlier day's charge of one (then
    below zero); `reference` is the posting's."""

    reference: int
    account: str
    amount_micros: int
    currency: str
    charged_us: int


def fees_of_day(connection: Connection, shard: int, day: int, lookback_days: int = 0) -> list[Fee]:
    """Every charge of a day that belongs to no segment's record, in the order of its postings: without a
    message, and what the ends of messages of `lookback_days` before gave back."""
    names = account_names(connection)
    row = schema.ledger_transfer.c
    statement = (
        select(row.reference, row.account_no, row.amount_micros, row.currency, row.at_us)
        .where(row.shard == shard, row.day == day, row.kind == int(TransferKind.CHARGE))
        .order_by(row.reference)
    )
    archived = is_archived(connection, shard, day)
    if archived is None:
        found = connection.execute(statement).all()
    else:
        with opened(archived) as archive:
            found = archive.execute(statement).all()
    fees = [
        Fee(each.reference, names.get(each.account_no, f"account {each.account_no}"), *each[2:])
        for each in found
    ]
    return fees + list(_given_back(connection, shard, day, lookback_days, names))


def _given_back(
    connection: Connection, shard: int, day: int, lookback_days: int, names: Mapping[int, str]
) -> Iterator[Fee]:
    """What went back that day of charges of earlier days; the rest is in the sums of `usage_of_day`."""
    back, settled = schema.ledger_transfer.alias("back").c, schema.ledger_transfer.alias("settled").c
    same = (settled.shard == back.shard) & (settled.day == back.day) & (settled.reference == back.reference)
    earlier = exists().where(
        same, settled.kind == int(TransferKind.SETTLE), settled.at_us < day * MICROS_PER_DAY
    )
    statement = (
        select(back.reference, back.account_no, back.amount_micros, back.currency, back.at_us)
        .where(
            back.shard == shard,
            back.day.between(day - lookback_days, day),
            back.kind == int(TransferKind.FAILED_REFUND),
            back.at_us >= day * MICROS_PER_DAY,
            back.at_us < (day + 1) * MICROS_PER_DAY,
            earlier,
        )
        .order_by(back.reference)
    )

    def read(rows: Connection, from_day: int, until_day: int | None) -> Iterator[Fee]:
        until = statement if until_day is None else statement.where(back.day < until_day)
        for reference, account_no, amount, *rest in rows.execute(until.where(back.day >= from_day)):
            yield Fee(reference, names.get(account_no, f"account {account_no}"), -amount, *rest)

    yield from in_day_order(connection, shard, read)


def usage_of_day(connection: Connection, shard: int, day: int, lookback_days: int) -> Iterator[SmscMessage]:
    """A record for each segment (or whole message) that was charged on a day, each with its charge.

    `submit_us` is when we accepted the message, `final_us` when it was charged.

    Messages of `lookback_days` before it are looked at, for they may have ended on it.
    """
    names = account_names(connection)
    for stored in stored_messages(connection, shard, days=range(day - lookback_days, day + 1)):
        charged = [
            each
            for each in stored.transfers
            if each.kind in _CHARGED and each.at_us // MICROS_PER_DAY == day and each.amount_micros
        ]
        if charged:
            amount = sum(
                -each.amount_micros if each.kind is TransferKind.FAILED_REFUND else each.amount_micros
                for each in charged
            )
            if amount < 0:
                continue  # of an earlier day's charge: a line of `fees_of_day`
            account_no = charged[0].account_no
            account = names.get(account_no, f"account {account_no}")
            charged_us = max(each.at_us for each in charged)
            yield from _records(stored, account, charged[0].currency, amount, charged_us)


def _records(
    stored: StoredMessage, account: str, currency: str, amount: int, charged_us: int
) -> Iterator[SmscMessage]:
    row = stored.row
    numbers = [WHOLE] if stored.is_whole else list(range(1, row.segment_count + 1))
    count = row.segment_count if stored.is_whole else 1
    states = [segment_state_of(stored, number) for number in numbers]
    charged = [state == MessageState.DELIVERED for state in states]
    shares = charge_shares(row.price_micros * count, amount, charged)
    version = stored.price.document_no if stored.price is not None else 0
    for number, state, share in zip(numbers, states, shares, strict=True):
        if not share:
            continue
        left = [attempt for attempt in stored.attempts_of(number) if attempt.left_us]
        yield SmscMessage(
            smsc_message_id_of(stored, number),
            account,
            row.source,
            row.destination,
            left[-1].user_message_reference if left else NO_REFERENCE,
            id_epoch_us(row.message_id),
            charged_us,
            _STATES.get(state, "UNKNOWN"),
            0,
            0,
            0,
            (row.message_id & 0xFF, row.segment_count, number) if row.segment_count > 1 and number else None,
            Charge(account, currency, share, version, row.message_id, number, count),
        )
