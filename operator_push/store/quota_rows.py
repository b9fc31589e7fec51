"""Quota rows: how many segments each account was admitted since a moment, summed by the database."""

from sqlalchemy import Connection, func, select

from operator_push.domain.message import Verdict
from operator_push.kernel.ids import first_id_at, id_day
from operator_push.store import schema


def segments_admitted(
    connection: Connection, shard: int, since_us: int, below_id: int, account_no: int
) -> int:
    """Segments of one account's messages admitted since a moment, of those with an id under `below_id`."""
    row = schema.message.c
    first = first_id_at(since_us)
    statement = select(func.coalesce(func.sum(row.segment_count), 0)).where(
        row.shard == shard,
        row.day >= id_day(first),
        row.message_id >= first,
        row.message_id < below_id,
        row.account_no == account_no,
        row.verdict != int(Verdict.REFUSE),
    )
    return int(connection.execute(statement).scalar_one())
