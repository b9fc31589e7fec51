"""Hold rows: what is stopped, read at a start; commands change it through `Changes.upserts`."""

from sqlalchemy import Connection, select

from operator_push.services.holds import HoldScope
from operator_push.store import schema


def standing_holds(connection: Connection) -> list[tuple[HoldScope, int]]:
    """Every hold that was not released."""
    row = schema.traffic_hold.c
    found = connection.execute(
        select(row.scope, row.number).where(row.held.is_(True)).order_by(row.scope, row.number)
    )
    return [(HoldScope(scope), number) for scope, number in found]
