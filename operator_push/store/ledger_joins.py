"""Ledger joins: postings held against the rows of the messages and top-ups that caused them.

The chain shows that a posting is as it was written; these show that it belongs to something, and that what
belongs to it says the same. Each question is one statement over the rows of one place (the hot tables or an
archived day), and its answer is in words that name table and key.
"""

from collections.abc import Callable, Iterator

from sqlalchemy import Column, ColumnElement, Connection, FromClause, and_, func, literal, or_, select

from operator_push.domain.ledger_papers import DIGEST, paper_digest
from operator_push.domain.message import Verdict
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.ids import id_shard
from operator_push.store import schema
from operator_push.store.archive_reading import in_day_order
from operator_push.store.statements import pages

Finding = tuple[str, int]  # what is wrong, and the micros that it leaves unexplained
_LAST_DAY = 2**31 - 1


def ledger_joins(connection: Connection, shard: int) -> Iterator[Finding]:
    """Everything that messages, their ends, top-ups and corrections say otherwise than the ledger."""
    for question in (_holds, _messages, _ends):

        def read(
            rows: Connection,
            from_day: int,
            until_day: int | None,
            question: Callable[[Connection, int, int, int], Iterator[Finding]] = question,
        ) -> Iterator[Finding]:
            return question(rows, shard, from_day, _LAST_DAY if until_day is None else until_day)

        yield from in_day_order(connection, shard, read)
    yield from _papers(connection, shard)


def _holds(connection: Connection, shard: int, from_day: int, until_day: int) -> Iterator[Finding]:
    transfer, message = schema.ledger_transfer.c, schema.message.c
    joined = schema.ledger_transfer.outerjoin(
        schema.message,
        and_(
            message.shard == transfer.shard,
            message.day == transfer.day,
            message.message_id == transfer.reference,
            message.verdict != int(Verdict.REFUSE),
        ),
    )
    statement = (
        select(transfer.reference, transfer.amount_micros)
        .select_from(joined)
        .where(
            transfer.shard == shard,
            transfer.day >= from_day,
            transfer.day < until_day,
            transfer.kind == int(TransferKind.HOLD),
            message.message_id.is_(None),
        )
        .order_by(transfer.day, transfer.reference)
    )
    for reference, amount in pages(connection, statement):
        yield (
            f"ledger_transfer (shard {shard}, reference {reference}, kind {int(TransferKind.HOLD)}): "
            f"this hold of {amount} micros belongs to no admitted message",
            _apart(amount, 0),
        )


def _messages(connection: Connection, shard: int, from_day: int, until_day: int) -> Iterator[Finding]:
    message = schema.message.c
    hold = schema.ledger_transfer.alias("hold")
    statement = (
        select(
            message.message_id,
            message.held_micros,
            message.price_micros,
            message.segment_count,
            hold.c.amount_micros,
        )
        .select_from(schema.message.outerjoin(hold, _of(hold, message.message_id, TransferKind.HOLD)))
        .where(
            message.shard == shard,
            message.day >= from_day,
            message.day < until_day,
            message.verdict != int(Verdict.REFUSE),
            or_(
                hold.c.amount_micros.is_(None),
                hold.c.amount_micros != message.held_micros,
                # What is held is the price of each segment, and a rest that is less than a micro for each.
                message.held_micros - message.price_micros * message.segment_count < 0,
                message.held_micros - message.price_micros * message.segment_count >= message.segment_count,
            ),
        )
        .order_by(message.day, message.message_id)
    )
    for message_id, held, price, count, amount in pages(connection, statement):
        ledger = "the ledger has no hold for it" if amount is None else f"its hold is {amount}"
        if amount == held:
            ledger = f"its {count} segments are {price} each"
        yield (
            f"message (shard {shard}, message_id {message_id}): held_micros is {held}, {ledger}",
            _apart(held, amount),
        )


def _ends(connection: Connection, shard: int, from_day: int, until_day: int) -> Iterator[Finding]:
    """Ends that say something else than the postings; a hold that expired has a story of its own."""
    final = schema.message_final.c
    settle, release, expire, back = (
        schema.ledger_transfer.alias(kind.name.lower())
        for kind in (
            TransferKind.SETTLE,
            TransferKind.RELEASE,
            TransferKind.EXPIRE,
            TransferKind.FAILED_REFUND,
        )
    )
    returned = func.coalesce(back.c.amount_micros, 0)
    settled = func.coalesce(settle.c.amount_micros, 0) - returned
    released = func.coalesce(release.c.amount_micros, 0) + returned
    joined = (
        schema.message_final.outerjoin(settle, _of(settle, final.message_id, TransferKind.SETTLE))
        .outerjoin(release, _of(release, final.message_id, TransferKind.RELEASE))
        .outerjoin(expire, _of(expire, final.message_id, TransferKind.EXPIRE))
        .outerjoin(back, _of(back, final.message_id, TransferKind.FAILED_REFUND))
    )
    statement = (
        select(final.message_id, final.settled_micros, final.released_micros, settled, released)
        .select_from(joined)
        .where(
            final.shard == shard,
            final.day >= from_day,
            final.day < until_day,
            expire.c.reference.is_(None),
            or_(final.settled_micros != settled, final.released_micros != released),
        )
        .order_by(final.day, final.message_id)
    )
    for message_id, told_settled, told_released, has_settled, has_released in pages(connection, statement):
        yield (
            f"message_final (shard {shard}, message_id {message_id}): says {told_settled} micros settled and "
            f"{told_released} released, the ledger {has_settled} and {has_released}",
            _apart(told_settled, has_settled) + _apart(told_released, has_released),
        )


def _papers(connection: Connection, shard: int) -> Iterator[Finding]:
    """Top-ups and corrections that are not as they were written, or say otherwise than their posting; those
    whose posting an archive holds were compared with it while it was hot."""
    transfer = schema.ledger_transfer.c
    for table, kind, key in (
        (schema.top_up, literal(int(TransferKind.TOP_UP)), "top_up"),
        (schema.correction, schema.correction.c.kind, "correction"),
    ):
        row = table.c
        same = (transfer.shard == shard) & (transfer.reference == row.reference) & (transfer.kind == kind)
        columns = (transfer.account_no, transfer.amount_micros, transfer.at_us)
        joined = select(*row, *(column.label(f"posted_{column.name}") for column in columns))
        statement = joined.select_from(table.outerjoin(schema.ledger_transfer, same)).order_by(row.reference)
        for found in pages(connection, statement):
            told = {column.name: found[place] for place, column in enumerate(row)}
            reference = told["reference"]
            if not isinstance(reference, int) or id_shard(reference) != shard:
                continue
            name = f"{key} (account {told['account_no']}, client_reference {told['client_reference']!r})"
            if told[DIGEST] and told[DIGEST] != paper_digest(key, told):
                yield f"{name}: one of its columns was changed since it was written", 0
            account_no, amount, at_us = found[len(row) :]
            if amount is not None and amount != told["amount_micros"]:
                apart = _apart(told["amount_micros"], amount)
                yield f"{name}: says {told['amount_micros']} micros, the ledger {amount}", apart
            elif amount is not None and (account_no, at_us) != (told["account_no"], told["at_us"]):
                what = f"account {told['account_no']} at {told['at_us']}, the ledger account {account_no}"
                yield f"{name}: says {what} at {at_us}", 0


def _of(transfer: FromClause, message_id: Column[int], kind: TransferKind) -> ColumnElement[bool]:
    """The posting of a kind for a message."""
    owner = message_id.table.c
    return and_(
        transfer.c.shard == owner.shard,
        transfer.c.day == owner.day,
        transfer.c.reference == message_id,
        transfer.c.kind == int(kind),
    )


def _apart(one: object, other: object) -> int:
    """How far two amounts are apart; what is no number counts as 0, since SQLite would keep anything."""
    first, second = (value if isinstance(value, int) else 0 for value in (one, other))
    return abs(first - second)
