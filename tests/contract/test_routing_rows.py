"""Routes and networks come back from both databases as they were changed."""

from dataclasses import replace

from operator_push.services.changes import Changes
from operator_push.services.manage_routes import RoutingKind, RoutingRow
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.routing_rows import routing_rows, write_routing_row


def test_rows_are_read_back_by_number_with_their_end(database: Database) -> None:
    route = RoutingRow(1, RoutingKind.ROUTE, {"links": ["main"], "weight": 2}, 5, "ann")
    network = RoutingRow(
        2, RoutingKind.NETWORK, {"prefix": "91", "mcc": "404", "mnc": "45"}, 6, "configuration"
    )
    database.run(lambda connection: write_routing_row(connection, network))
    removed = replace(route, removed_us=7, removed_by="bob")
    changes = Changes(upserts=[("routing_row", route.as_row()), ("routing_row", removed.as_row())])
    database.run(lambda connection: write_batch(connection, changes, 0))
    assert database.read(routing_rows) == [removed, network]
