"""Settled days: what a start need not read again, so that it costs what is open, not what is stored.

Laws: a mark only moves onward, and never beyond the day of the highest id, since ids ascend whatever the
clock does: so nothing can become open or owed before it. A missing mark costs a longer start, nothing else.
"""

import msgspec
from sqlalchemy import Connection, exists, func, select

from operator_push.domain.message import Verdict
from operator_push.kernel.ids import id_day
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.folded import DELIVERIES
from operator_push.store.loading import highest_id, highest_sequence, not_acknowledged
from operator_push.store.since import Since
from operator_push.store.small_rows import upsert


class SettledDays(msgspec.Struct, frozen=True):
    """Before `until_day` (days since 1970) nothing is open or owed, nor has a sequence above `sequence`."""

    until_day: int
    sequence: int


NONE_SETTLED = SettledDays(0, 0)


def settled_days(connection: Connection, shard: int) -> SettledDays:
    """The mark of a shard; NONE_SETTLED where none was ever set."""
    row = schema.settled_days.c
    found = connection.execute(select(row.until_day, row.sequence).where(row.shard == shard)).first()
    return SettledDays(*found) if found is not None else NONE_SETTLED


def set_settled_days(connection: Connection, shard: int, mark: SettledDays) -> None:
    """Move the mark of a shard; one that would go back stays."""
    if mark.until_day > settled_days(connection, shard).until_day:
        row: dict[str, object] = {"until_day": mark.until_day, "sequence": mark.sequence}
        upsert(connection, "settled_days", {"shard": shard, **row})


def settle_days(database: Database, shard: int, today: int) -> int:
    """Move the mark over every day before `today` that has been settled since; returns where it stands.

    For a thread beside the running server: reads in one transaction, writes in a short one of its own. Give
    it no younger day than yesterday: an id of the last moments may not be on disk yet.
    """
    mark = database.read(lambda connection: _mark_now(connection, shard, today))
    database.run(lambda connection: set_settled_days(connection, shard, mark))
    return mark.until_day


def _mark_now(connection: Connection, shard: int, today: int) -> SettledDays:
    mark = settled_days(connection, shard)
    last = min(today, id_day(highest_id(connection, shard)))
    oldest = min(
        (
            day
            for day in (
                _oldest_open(connection, shard, mark.until_day),
                _oldest_owed(connection, shard, mark.until_day),
            )
            if day is not None
        ),
        default=last,
    )
    until_day = max(mark.until_day, min(last, oldest))
    sequence = highest_sequence(connection, shard, Since(mark.until_day), mark.sequence)
    return SettledDays(until_day, sequence)


def _oldest_open(connection: Connection, shard: int, from_day: int) -> int | None:
    message, final = schema.message.c, schema.message_final.c
    ended = exists().where(
        final.shard == message.shard, final.day == message.day, final.message_id == message.message_id
    )
    return connection.execute(
        select(func.min(message.day)).where(
            message.shard == shard, message.day >= from_day, message.verdict != int(Verdict.REFUSE), ~ended
        )
    ).scalar()


def _oldest_owed(connection: Connection, shard: int, from_day: int) -> int | None:
    days = []
    for owed in DELIVERIES:
        row = owed.c
        oldest = select(func.min(row["day"])).select_from(owed.rows).where(*owed.are, not_acknowledged(owed))
        statement = oldest.where(row["shard"] == shard, row["day"] >= from_day)
        days.append(connection.execute(statement).scalar())
    return min((day for day in days if day is not None), default=None)
