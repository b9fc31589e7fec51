"""Online rows: the slices of accounts that are charged online, as the last run left them."""

from sqlalchemy import Connection, select

from operator_push.services.online_slice import OnlineSlice
from operator_push.store import schema


def online_slices(connection: Connection, shard: int) -> list[OnlineSlice]:
    """Every slice of a shard, by account number; rows are written through `Changes.upserts`."""
    row = schema.online_slice.c
    statement = (
        select(*(row[name] for name in OnlineSlice.__struct_fields__))
        .where(row.shard == shard)
        .order_by(row.account_no)
    )
    return [OnlineSlice(*found) for found in connection.execute(statement)]
