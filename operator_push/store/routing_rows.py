"""Routing rows: routes and networks, read at a start; commands change them through `Changes.upserts`."""

from sqlalchemy import Connection, select

from operator_push.services.manage_routes import RoutingRow, routing_of_row
from operator_push.store import schema
from operator_push.store.small_rows import upsert


def routing_rows(connection: Connection) -> list[RoutingRow]:
    """Every row that ever was, by number."""
    found = connection.execute(select(schema.routing_row).order_by(schema.routing_row.c.row_no))
    return [routing_of_row(dict(each)) for each in found.mappings()]


def write_routing_row(connection: Connection, row: RoutingRow) -> None:
    """Write a row whose number is given."""
    upsert(connection, "routing_row", row.as_row())
