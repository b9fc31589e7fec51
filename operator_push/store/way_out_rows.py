"""Way out rows: to whom a promotional message of a brand has told how to end them."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from operator_push.store import schema
from operator_push.store.statements import pages


def told_of_way_out(connection: Connection, shard: int) -> Iterator[tuple[int, int, int]]:
    """(brand_no, subscriber_no, message_id) of everybody who was told, or is about to be."""
    row = schema.way_out.c
    statement = select(row.brand_no, row.subscriber_no, row.message_id).where(
        row.shard == shard, row.message_id > 0
    )
    yield from pages(connection, statement.order_by(row.brand_no, row.subscriber_no))
