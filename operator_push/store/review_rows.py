"""Review rows: the queue of texts for people, in the store.

Items are written by the running server, events by commands; no server keeps either in memory.
"""

from collections import defaultdict

from sqlalchemy import Connection, select

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import id_day
from operator_push.services.review_items import ReviewEvent, ReviewItem
from operator_push.store import schema
from operator_push.store.statements import insert_rows


def review_items(connection: Connection, shard: int, mo_id: int | None = None) -> list[ReviewItem]:
    """Items with their events, oldest first; or the one of an MO message."""
    row, event = schema.review_item.c, schema.review_item_event.c
    wanted = select(event.mo_id, event.how, event.who, event.note, event.at_us).where(event.shard == shard)
    statement = select(row.mo_id, row.subscriber_no, row.short_code, row.matched, row.text, row.at_us)
    statement = statement.where(row.shard == shard).order_by(row.day, row.mo_id)
    if mo_id is not None:
        wanted = wanted.where(event.mo_id == mo_id)
        statement = statement.where(row.day == id_day(mo_id), row.mo_id == mo_id)
    events: dict[int, list[ReviewEvent]] = defaultdict(list)
    for found in connection.execute(wanted.order_by(event.mo_id, event.event_no)):
        events[found.mo_id].append(ReviewEvent(*found[1:]))
    return [ReviewItem(*found, tuple(events[found.mo_id])) for found in connection.execute(statement)]


def review_item_of(connection: Connection, shard: int, mo_id: int) -> ReviewItem:
    """The item of an MO message.

    Raises:
        OperatorError: there is none.
    """
    found = review_items(connection, shard, mo_id)
    if not found:
        raise OperatorError(f"there is no review item {mo_id}; `operator-push review list` shows them")
    return found[0]


def add_review_event(connection: Connection, shard: int, item: ReviewItem) -> None:
    """Write the last event of an item."""
    number = len(item.events) - 1
    event = item.events[number]
    row = (shard, item.mo_id, number, event.how, event.who, event.note, event.at_us)
    insert_rows(connection, schema.review_item_event, [row])
