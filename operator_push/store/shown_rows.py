"""Shown rows: messages that their ESMEs know by another id, and what a query may hear of any message."""

from sqlalchemy import Connection, func, select

from operator_push.domain.message import MessageState, Verdict
from operator_push.kernel.ids import id_day
from operator_push.services.query_message import KnownMessage
from operator_push.store import schema
from operator_push.store.archive_reading import is_archived, opened


def shown_since(connection: Connection, shard: int, from_day: int) -> list[tuple[int, int]]:
    """(shown_id, message_id) of every message shown under an id of that day or later, oldest first."""
    row = schema.shown_message.c
    found = connection.execute(
        select(row.shown_id, row.message_id)
        .where(row.shard == shard, row.day >= from_day)
        .order_by(row.day, row.shown_id, row.message_id)
    )
    return [(shown_id, message_id) for shown_id, message_id in found]


def messages_shown_as(connection: Connection, shard: int, shown_id: int) -> list[KnownMessage]:
    """Every admitted message under an id, as its rows know it, hot or archived; empty where there is none.

    Raises:
        OperatorError: the file of an archived day is missing.
    """
    row = schema.shown_message.c
    others = connection.execute(
        select(row.message_id)
        .where(row.shard == shard, row.day == id_day(shown_id), row.shown_id == shown_id)
        .order_by(row.message_id)
    ).scalars()
    found = [_known_anywhere(connection, shard, message_id) for message_id in (shown_id, *others)]
    return [known for known in found if known is not None]


def _known_anywhere(connection: Connection, shard: int, message_id: int) -> KnownMessage | None:
    known = _known(connection, shard, message_id)
    if known is not None:
        return known
    day = is_archived(connection, shard, id_day(message_id))
    if day is None:
        return None
    with opened(day) as archive:
        return _known(archive, shard, message_id)


def _known(connection: Connection, shard: int, message_id: int) -> KnownMessage | None:
    row, final, outcome = schema.message.c, schema.message_final.c, schema.segment_outcome.c
    day = id_day(message_id)
    found = connection.execute(
        select(row.account_no, row.source, row.destination).where(
            row.shard == shard,
            row.day == day,
            row.message_id == message_id,
            row.verdict != int(Verdict.REFUSE),
        )
    ).first()
    if found is None:
        return None
    end = connection.execute(
        select(final.state, final.at_us, final.error_code).where(
            final.shard == shard, final.day == day, final.message_id == message_id
        )
    ).first()
    state, final_us, told = end if end is not None else (int(MessageState.SENT), 0, "")
    error = connection.execute(
        select(func.max(outcome.error_code)).where(
            outcome.shard == shard, outcome.day == day, outcome.message_id == message_id
        )
    ).scalar()
    return KnownMessage(
        message_id, found.account_no, found.source, found.destination, state, final_us, error or told
    )
