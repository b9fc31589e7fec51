"""Purse rows: what the caps of a month have counted, and whose money the open holds are, read from rows."""

from collections.abc import Sequence

from sqlalchemy import Connection, exists, func, select

from operator_push.domain.ledger import TransferKind
from operator_push.domain.message import Verdict
from operator_push.kernel.ids import first_id_at, id_day
from operator_push.store import schema
from operator_push.store.archive_reading import archived_days, opened
from operator_push.store.since import EVERYTHING, Since


def spent_since(
    connection: Connection, shard: int, since_us: int, below_id: int, account_nos: Sequence[int]
) -> int:
    """Micros that messages of these accounts hold or have cost, of those with an id since a moment.

    Only ids under `below_id`; archived days are asked too.
    """
    first = first_id_at(since_us)
    days = [day for day in archived_days(connection, shard) if day.day >= id_day(first)]
    archived = [day.day for day in days]
    spent = _spent_in(connection, shard, first, below_id, account_nos, archived)
    for day in days:
        with opened(day) as archive:
            spent += _spent_in(archive, shard, first, below_id, account_nos, [])
    return spent


def _spent_in(
    connection: Connection,
    shard: int,
    first_id: int,
    below_id: int,
    account_nos: Sequence[int],
    but_days: Sequence[int],
) -> int:
    row, final = schema.message.c, schema.message_final.c
    joined = schema.message.outerjoin(
        schema.message_final,
        (final.shard == row.shard) & (final.day == row.day) & (final.message_id == row.message_id),
    )
    statement = (
        select(func.coalesce(func.sum(row.held_micros - func.coalesce(final.released_micros, 0)), 0))
        .select_from(joined)
        .where(
            row.shard == shard,
            row.day >= id_day(first_id),
            row.day.not_in(but_days),
            row.message_id >= first_id,
            row.message_id < below_id,
            row.account_no.in_(account_nos),
            row.verdict != int(Verdict.REFUSE),
        )
    )
    return int(connection.execute(statement).scalar_one())


def payers_of_open_holds(connection: Connection, shard: int, since: Since = EVERYTHING) -> dict[int, int]:
    """message_id → the account whose money is held, of open messages where that is not their own."""
    transfer, message, final = schema.ledger_transfer.c, schema.message.c, schema.message_final.c
    ended = exists().where(
        final.shard == message.shard, final.day == message.day, final.message_id == message.message_id
    )
    joined = schema.message.join(
        schema.ledger_transfer,
        (transfer.shard == message.shard)
        & (transfer.day == message.day)
        & (transfer.reference == message.message_id)
        & (transfer.kind == int(TransferKind.HOLD)),
    )
    statement = (
        select(message.message_id, transfer.account_no)
        .select_from(joined)
        .where(
            message.shard == shard,
            message.verdict != int(Verdict.REFUSE),
            transfer.account_no != message.account_no,
            ~ended,
        )
    )
    return {
        row.message_id: row.account_no
        for span in since.messages(message)
        for row in connection.execute(statement.where(span))
    }
