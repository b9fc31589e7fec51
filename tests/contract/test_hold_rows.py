"""Holds on both databases: what stands comes back, what was released does not."""

from store_rows import NOON_US

from operator_push.services.holds import HoldScope
from operator_push.store import hold_rows, small_rows
from operator_push.store.database import Database


def test_what_stands_comes_back(database: Database) -> None:
    assert database.read(hold_rows.standing_holds) == []
    for scope, number, held in (("account", 1, True), ("campaign", 2, True), ("account", 1, False)):
        row: dict[str, object] = {
            "scope": scope,
            "number": number,
            "held": held,
            "changed_us": NOON_US,
            "changed_by": "ann",
        }
        database.run(lambda connection, row=row: small_rows.upsert(connection, "traffic_hold", row))
    assert database.read(hold_rows.standing_holds) == [(HoldScope.CAMPAIGN, 2)]
