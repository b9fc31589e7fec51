"""Way out rows: to whom a promotional message of a brand has told how to end them."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import Connection, select

from operator_push.kernel.ids import id_day
from operator_push.store import schema
from operator_push.store.statements import pages

IDS_AT_ONCE = 500


def told_of_way_out(connection: Connection, shard: int) -> Iterator[tuple[int, int, int]]:
    """(brand_no, subscriber_no, message_id) of everybody who was told, or is about to be."""
    row = schema.way_out.c
    statement = select(row.brand_no, row.subscriber_no, row.message_id).where(
        row.shard == shard, row.message_id > 0
    )
    yield from pages(connection, statement.order_by(row.brand_no, row.subscriber_no))


class ToldBy(NamedTuple):
    """A message that told it."""

    source: str
    destination: str
    account_no: int
    message_id: int
    brand_no: int


def messages_that_told(connection: Connection, shard: int, message_ids: Sequence[int]) -> Iterator[ToldBy]:
    """These messages in the order of their ids, which are given ascending; those of archived days are not."""
    row = schema.message.c
    columns = row.source, row.destination, row.account_no, row.message_id, row.brand_no
    for day, of_day in groupby(message_ids, key=id_day):
        ids = list(of_day)
        for at in range(0, len(ids), IDS_AT_ONCE):
            asked = ids[at : at + IDS_AT_ONCE]
            key = row.shard == shard, row.day == day, row.message_id.in_(asked)
            for found in connection.execute(select(*columns).where(*key).order_by(row.message_id)):
                yield ToldBy(*found)
