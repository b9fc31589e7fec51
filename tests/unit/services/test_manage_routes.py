"""Routes and networks are added and removed as rows that stay; what is wrong changes nothing."""

from collections.abc import Sequence

import pytest

from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes
from operator_push.services.manage_routes import ManageRoutes, RoutingKind, RoutingRow, Values, routing_of_row

ROUTE, NETWORK = RoutingKind.ROUTE, RoutingKind.NETWORK


class Room:
    """Takes everything but links called gone; remembers the rows in force."""

    def __init__(self) -> None:
        self.in_force: list[int] = []

    def normalised(self, kind: RoutingKind, values: Values) -> Values:
        return values

    def apply(self, rows: Sequence[RoutingRow]) -> int:
        if any(row.values.get("links") == ["gone"] for row in rows):
            raise OperatorError("no such link")
        self.in_force = [row.row_no for row in rows]
        return 3


def test_rows_are_numbered_for_ever_and_end_in_place() -> None:
    room, changes = Room(), Changes()
    old = RoutingRow(4, ROUTE, {"links": ["main"]}, 1, "ann", 2, "bob")
    routes = ManageRoutes(room, [old])
    row, moved = routes.add(ROUTE, {"links": ["main"], "prefix": None}, "ann", 5, changes)
    routes.add(NETWORK, {"prefix": "91"}, "ann", 6, changes)
    assert (row.row_no, row.values, moved, room.in_force) == (5, {"links": ["main"]}, 3, [5, 6])
    removed, _ = routes.remove(ROUTE, 5, "bob", 7, changes)
    assert (removed.removed_us, removed.removed_by, room.in_force) == (7, "bob", [6])
    assert (routes.rows(ROUTE), [each.row_no for each in routes.rows(NETWORK)]) == ([], [6])
    written = [routing_of_row(each) for table, each in changes.upserts if table == "routing_row"]
    assert [(each.row_no, each.removed_us) for each in written] == [(5, 0), (6, 0), (5, 7)]
    assert written[-1] == removed


def test_what_is_wrong_changes_nothing() -> None:
    room, changes = Room(), Changes()
    routes = ManageRoutes(room, [RoutingRow(1, ROUTE, {"links": ["main"]}, 1, "ann")])
    for kind, values in ((ROUTE, {"links": ["gone"]}), (ROUTE, {"links": ["main"]})):
        with pytest.raises(OperatorError):
            routes.add(kind, values, "ann", 5, changes)
    with pytest.raises(OperatorError, match="there are: none"):
        routes.remove(NETWORK, 1, "ann", 5, changes)
    assert changes.is_empty()
    assert [each.row_no for each in routes.rows(ROUTE)] == [1]
