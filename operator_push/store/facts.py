"""Facts: what decisions are made from, read back at a start: money, caps, recipients.

Laws: nothing is judged here, rows become values and the domain folds them; large answers come as iterators in
pages, in the order of the keys; everything that is read within one `Database.read` is of one moment.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from operator_push.domain.campaign import FINAL_CAMPAIGN_STATES
from operator_push.domain.concatenated_parts import follows
from operator_push.domain.consent import SMS
from operator_push.domain.contact_channels import channel_of_number
from operator_push.domain.delivery import ReceiptOutcome
from operator_push.domain.ledger import LedgerAccount, Transfer, TransferKind
from operator_push.domain.message import RETRYABLE_REFUSALS, MessageState, Verdict
from operator_push.domain.purses import REWARD_ACCOUNTS_FROM
from operator_push.kernel.ids import first_id_at, id_day, id_epoch_us
from operator_push.store import schema
from operator_push.store.archive_reading import in_day_order
from operator_push.store.message_channel_rows import with_channel
from operator_push.store.statements import pages


class CountedAdmission(msgspec.Struct, frozen=True, gc=False):
    """An admitted message as frequency caps count it; `leaves_us`: when it left, or is planned to."""

    message_id: int
    account_no: int
    brand_no: int
    traffic_class: int
    subscriber_no: int
    destination: str
    leaves_us: int
    category: int
    channel: str = SMS


def balances(connection: Connection, shard: int, *, clients_only: bool = False) -> dict[tuple[int, int], int]:
    """(account_no, side) → micros, as the transfers have moved them; all, or without subscribers' rewards."""
    row = schema.balance.c
    statement = select(row.account_no, row.side, row.amount_micros).where(row.shard == shard)
    if clients_only:
        statement = statement.where(row.account_no < REWARD_ACCOUNTS_FROM)
    return {(account_no, side): amount for account_no, side, amount in connection.execute(statement)}


def transfers(connection: Connection, shard: int) -> Iterator[Transfer]:
    """Every transfer, for whoever rebuilds or proves the balances, by day, reference and kind.

    Raises:
        OperatorError: the file of an archived day is missing.
    """
    kinds = {int(kind): kind for kind in TransferKind}
    sides = {int(side): side for side in LedgerAccount}
    for found in posting_rows(connection, shard):
        shard_no, day, reference, kind, account_no, debit, credit, amount, currency, at_us = found
        yield Transfer(
            shard_no,
            day,
            reference,
            kinds[kind],
            account_no,
            sides[debit],
            sides[credit],
            amount,
            currency,
            at_us,
        )


def posting_rows(connection: Connection, shard: int) -> Iterator[tuple[Any, ...]]:
    """Every row of ledger_transfer as it is stored, columns in order: by day, reference and kind.

    Raises:
        OperatorError: the file of an archived day is missing.
    """
    table = schema.ledger_transfer
    row = table.c

    def read(rows: Connection, from_day: int, until_day: int | None) -> Iterator[tuple[Any, ...]]:
        statement = select(table).where(row.shard == shard, row.day >= from_day)
        if until_day is not None:
            statement = statement.where(row.day < until_day)
        for found in pages(rows, statement.order_by(row.day, row.reference, row.kind)):
            yield tuple(found)

    return in_day_order(connection, shard, read)


def counted_admissions(
    connection: Connection, shard: int, from_day: int, traffic_class: int, subscriber_no: int | None = None
) -> Iterator[CountedAdmission]:
    """Admitted messages of a class of traffic since a day, to everybody or to one person, save those that
    ended without an attempt: caps count them again.

    The parts of one long message count once, with the first.
    """
    row, final, attempt = schema.message.c, schema.message_final.c, schema.attempt.c
    tried = (
        select(func.min(attempt.at_us))
        .where(attempt.shard == row.shard, attempt.day == row.day, attempt.message_id == row.message_id)
        .scalar_subquery()
    )

    def ended_as(state: MessageState) -> ColumnElement[bool]:
        return exists().where(
            final.shard == row.shard,
            final.day == row.day,
            final.message_id == row.message_id,
            final.state == int(state),
        )

    statement = (
        select(
            row.message_id,
            row.account_no,
            row.brand_no,
            row.traffic_class,
            row.subscriber_no,
            row.destination,
            row.not_before_us,
            row.trail,
            row.sent_us,
            tried,
            row.category,
            schema.message_channel.c.channel,
        )
        .select_from(with_channel())
        .where(
            row.shard == shard,
            row.day >= from_day,
            row.traffic_class == traffic_class,
            row.verdict != int(Verdict.REFUSE),
            ~ended_as(MessageState.WITHDRAWN),
            or_(row.sent_us != 0, tried.is_not(None), ~ended_as(MessageState.EXPIRED)),
        )
        .order_by(row.day, row.message_id)
    )
    if subscriber_no is not None:
        statement = statement.where(row.subscriber_no == subscriber_no)
    for found in pages(connection, statement):
        message_id, account_no, brand_no, kind, number, msisdn = found[:6]
        planned_us, trail, sent_us, tried_us, category, channel = found[6:]
        if not follows(trail):
            leaves_us = sent_us or tried_us or planned_us or id_epoch_us(message_id)
            yield CountedAdmission(
                message_id,
                account_no,
                brand_no,
                kind,
                number,
                msisdn,
                leaves_us,
                category,
                channel_of_number(channel),
            )


def early_receipts(connection: Connection, shard: int, from_day: int) -> list[tuple[int, str, int]]:
    """(link_no, smsc_message_id, state) of receipts that were put aside until their response would come."""
    row = schema.receipt_aside.c
    found = connection.execute(
        select(row.link_no, row.smsc_message_id, row.state)
        .where(row.shard == shard, row.day >= from_day, row.outcome == int(ReceiptOutcome.EARLY))
        .order_by(row.day, row.receipt_id)
    )
    return [(link_no, smsc_message_id, state) for link_no, smsc_message_id, state in found]


def open_cases(connection: Connection, shard: int) -> list[tuple[int, int]]:
    """(message_id, segment_no) of every reconciliation case."""
    row = schema.reconciliation_case.c
    found = connection.execute(select(row.message_id, row.segment_no).where(row.shard == shard))
    return [(message_id, segment_no) for message_id, segment_no in found]


def handed_in(connection: Connection, shard: int) -> Iterator[tuple[int, int]]:
    """(campaign_no, subscriber_no) of every recipient that an unfinished campaign has handed in.

    Admitted or refused for good. Campaigns that have ended take nobody any more, so only the days since the
    oldest unfinished one was made are read.
    """
    row, campaign = schema.message.c, schema.campaign.c
    unfinished = campaign.state.not_in([state.value for state in FINAL_CAMPAIGN_STATES])
    oldest_us = connection.execute(select(func.min(campaign.created_us)).where(unfinished)).scalar()
    if oldest_us is None:
        return
    for_good = or_(
        row.verdict != int(Verdict.REFUSE),
        row.reason.not_in([int(reason) for reason in RETRYABLE_REFUSALS]),
    )
    statement = select(row.campaign_no, row.subscriber_no).where(
        row.shard == shard,
        row.day >= id_day(first_id_at(oldest_us)),
        row.campaign_no.in_(select(campaign.campaign_no).where(unfinished)),
        for_good,
    )
    yield from pages(connection, statement)
