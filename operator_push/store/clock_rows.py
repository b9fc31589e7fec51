"""Clock rows: whose home zone and serving network are known."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from operator_push.store import schema
from operator_push.store.statements import pages


def subscriber_clocks(connection: Connection, shard: int) -> Iterator[tuple[int, str, str]]:
    """(subscriber_no, home zone, mobile country code) of everybody of whom either is known."""
    row = schema.subscriber_clock.c
    statement = select(row.subscriber_no, row.home_zone, row.network_country).where(row.shard == shard)
    yield from pages(connection, statement.order_by(row.subscriber_no))
