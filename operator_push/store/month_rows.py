"""Month rows: the messages of an account's month that a tariff document priced, as closing the month asks."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from operator_push.domain.message import Verdict
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.instants import MICROS_PER_DAY
from operator_push.services.close_months import MonthMessage
from operator_push.services.stored_charges import PriceRow, StoredCharges
from operator_push.store import schema
from operator_push.store.charged_rows import over_days
from operator_push.store.document_rows import has_prices, stored_documents
from operator_push.store.statements import pages


def open_in_month(connection: Connection, account_no: int, begin_us: int, end_us: int) -> int:
    """How many of the account's messages that were accepted in a month have not ended."""
    message, final = schema.message.c, schema.message_final.c
    ended = exists().where(
        final.shard == message.shard, final.day == message.day, final.message_id == message.message_id
    )
    days = message.day.between(begin_us // MICROS_PER_DAY, (end_us - 1) // MICROS_PER_DAY)
    wanted = (message.account_no == account_no) & (message.verdict != int(Verdict.REFUSE)) & days & ~ended
    return int(
        connection.execute(select(func.count()).select_from(schema.message).where(wanted)).scalar() or 0
    )


def month_messages(
    connection: Connection, account_no: int, tariff: str, begin_us: int, end_us: int
) -> Iterator[MonthMessage]:
    """The account's charged messages that versions of a tariff priced between two moments.

    Raises:
        MoneyInvariantError: by what one was priced cannot be read.
        OperatorError: the file of an archived day is missing.
    """
    documents = {each.document_no: each.document for each in stored_documents(connection)}
    mine = [number for number, document in documents.items() if document.tariff == tariff]
    charges = StoredCharges(documents.__getitem__)
    # Of every shard: where another pays for the account it has no money of its own.
    for shard in sorted(connection.execute(select(schema.balance.c.shard).distinct()).scalars()):

        def read(each: Connection, more: ColumnElement[bool], shard: int = shard) -> Iterator[Any]:
            if has_prices(each):
                yield from pages(each, _rows(account_no, mine, shard, begin_us, end_us, more))

        for subscriber_no, amount, delivered, count, *priced in over_days(
            connection, shard, begin_us // MICROS_PER_DAY, read
        ):
            charge = charges.charge(PriceRow(*priced))
            charged = charge.segments_of(amount, delivered, count)
            if charged:
                yield MonthMessage(subscriber_no, charge, charged)


def _rows(
    account_no: int, documents: list[int], shard: int, begin_us: int, end_us: int, more: ColumnElement[bool]
) -> Any:
    transfer, message, price, final = (
        schema.ledger_transfer,
        schema.message,
        schema.message_price,
        schema.message_final,
    )
    joined = transfer
    for table in (message, price, final):
        same = and_(
            table.c.shard == transfer.c.shard,
            table.c.day == transfer.c.day,
            table.c.message_id == transfer.c.reference,
        )
        joined = joined.join(table, same)  # type: ignore[assignment]
    return (
        select(
            message.c.subscriber_no,
            final.c.settled_micros,  # what it was charged before its end and not given back by it
            final.c.segments_delivered,
            message.c.segment_count,
            price.c.message_id,
            price.c.priced_us,
            price.c.document_no,
            price.c.parts_before,
            price.c.facts,
            price.c.usage,
        )
        .select_from(joined)
        .where(
            more,
            transfer.c.shard == shard,
            transfer.c.day.between(begin_us // MICROS_PER_DAY, (end_us - 1) // MICROS_PER_DAY),
            message.c.account_no == account_no,
            transfer.c.kind == int(TransferKind.SETTLE),
            price.c.document_no.in_(documents),
            price.c.priced_us >= begin_us,
            price.c.priced_us < end_us,
        )
        .order_by(transfer.c.day, transfer.c.reference)
    )
