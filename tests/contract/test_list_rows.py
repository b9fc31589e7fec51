"""Distribution lists come back from both databases as they were changed."""

from operator_push.services.changes import Changes
from operator_push.services.distribution_lists import DistributionLists
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.list_rows import distribution_lists


def test_lists_are_read_back_with_those_who_are_on_them_now(database: Database):
    lists, changes = DistributionLists(), Changes()
    lists.add(1, "vip", [5, 6], 7, changes)
    lists.add(2, "vip", [5], 7, changes)
    lists.remove(1, "vip", [5], changes)
    database.run(lambda connection: write_batch(connection, changes, 0))
    again = database.read(distribution_lists)
    assert again.members_of(1, "vip") == (6,)
    assert again.members_of(2, "vip") == (5,)
    assert again.members_of(3, "vip") == ()
    more = Changes()
    again.add(3, "vip", [9], 8, more)
    database.run(lambda connection: write_batch(connection, more, 0))
    assert database.read(distribution_lists).members_of(3, "vip") == (9,)
