"""Short names on both databases: read back in order, found by people whatever the account."""

from store_rows import NOON_US, SHARD, row

from operator_push.kernel.ids import IdSequence, id_day
from operator_push.services.changes import Changes
from operator_push.services.message_names import MessageNames, alias_of
from operator_push.store import schema
from operator_push.store.alias_rows import aliases_since, messages_named
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch

DAY_US = 86_400_000_000


def test_names_are_written_and_read_back(database: Database) -> None:
    names, changes, ids = MessageNames(SHARD), Changes(), IdSequence(SHARD)
    old, first, second, other = (ids.next_id(NOON_US + days * DAY_US) for days in (-5, 0, 0, 0))
    told = [names.give(1, each, changes) for each in (old, first, second)]
    names.give(2, other, changes)
    database.run(lambda connection: write_batch(connection, changes, SHARD))
    today = id_day(first)
    again = MessageNames(
        SHARD, database.read(lambda connection: list(aliases_since(connection, SHARD, today - 1)))
    )
    assert [again.find(1, name) for name in told] == [None, first, second]
    assert again.find(2, told[1]) == other

    def named(name: str, day: int) -> list[tuple[int, int]]:
        alias = alias_of(name)
        assert alias is not None
        return database.read(lambda connection: messages_named(connection, SHARD, alias, day))

    assert named(told[1], today) == [(2, other), (1, first)]
    assert named(told[0], today + 100) == [(1, old)]
    assert named("ffffffff", today) == []
    assert row(schema.message_alias)[0] == SHARD
