"""Statement rows: how the money of one account moved, and the charged messages of one invoice."""

from collections.abc import Iterator

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, case, func, literal_column, select

from operator_push.domain.invoicing.statement import DIRECTION, Moved
from operator_push.domain.ledger import TransferKind
from operator_push.store import schema
from operator_push.store.charged_rows import CHARGED, CHARGES, over_days, shards_of
from operator_push.store.statements import pages

BUCKET_US = 900_000_000  # a quarter of an hour: every zone's midnight lies between two


class ChargedMessage(msgspec.Struct, frozen=True, gc=False):
    """A charge with its message; of a charge without one the message's fields are empty."""

    reference: int
    kind: TransferKind
    at_us: int
    amount_micros: int
    account_no: int
    traffic_class: int
    destination: str
    source: str
    segment_count: int
    price_micros: int


def moved_money(
    connection: Connection, account_no: int, from_us: int, until_us: int
) -> tuple[int, list[Moved]]:
    """What the account's money was at the begin of a period, and what moved it within."""
    transfer = schema.ledger_transfer.c
    bucket = case(
        (transfer.at_us < from_us, -1), else_=transfer.at_us // literal_column(str(BUCKET_US))
    ).label("bucket")
    opening, moved = 0, []
    for shard in shards_of(connection, account_no):
        wanted = and_(
            transfer.shard == shard,
            transfer.account_no == account_no,
            transfer.kind.in_([int(kind) for kind in DIRECTION]),
            transfer.at_us < until_us,
        )

        def read(
            each: Connection, more: ColumnElement[bool], wanted: ColumnElement[bool] = wanted
        ) -> Iterator[tuple[int, int, int, int]]:
            statement = (
                select(bucket, transfer.kind, func.count(), func.sum(transfer.amount_micros))
                .where(wanted, more)
                .group_by(bucket, transfer.kind)
            )
            for found in each.execute(statement):
                yield tuple(map(int, found))  # type: ignore[misc]

        for place, number, postings, amount in over_days(connection, shard, 0, read):
            kind = TransferKind(number)
            if place < 0:
                opening += DIRECTION[kind] * amount
            else:
                moved.append(Moved(max(from_us, place * BUCKET_US), kind, postings, amount))
    return opening, moved


def charged_messages(
    connection: Connection, account_no: int, from_us: int, until_us: int
) -> Iterator[ChargedMessage]:
    """Every charge of an account with a moment in the period, in the order of days."""
    transfer, message = schema.ledger_transfer.c, schema.message.c
    same = and_(
        message.shard == transfer.shard,
        message.day == transfer.day,
        message.message_id == transfer.reference,
    )
    for shard in shards_of(connection, account_no):
        wanted = and_(
            transfer.shard == shard,
            transfer.account_no == account_no,
            transfer.kind.in_(CHARGES),
            transfer.at_us >= from_us,
            transfer.at_us < until_us,
        )

        def read(
            each: Connection, more: ColumnElement[bool], wanted: ColumnElement[bool] = wanted
        ) -> Iterator[ChargedMessage]:
            statement = (
                select(
                    transfer.reference,
                    transfer.kind,
                    transfer.at_us,
                    CHARGED,
                    func.coalesce(message.account_no, account_no),
                    func.coalesce(message.traffic_class, 0),
                    func.coalesce(message.destination, ""),
                    func.coalesce(message.source, ""),
                    func.coalesce(message.segment_count, 0),
                    func.coalesce(message.price_micros, 0),
                )
                .select_from(schema.ledger_transfer.outerjoin(schema.message, same))
                .where(wanted, more)
                .order_by(transfer.day, transfer.reference, transfer.kind)
            )
            for reference, kind, *rest in pages(each, statement):
                yield ChargedMessage(reference, TransferKind(kind), *rest)

        yield from over_days(connection, shard, 0, read)
