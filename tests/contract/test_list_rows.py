"""Distribution lists come back from both databases as they were changed."""

import pytest
from sqlalchemy import Connection
from store_rows import row

from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes
from operator_push.services.distribution_lists import DistributionLists, Member
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.list_rows import (
    SaidOfPerson,
    distribution_lists,
    erase_own_values,
    own_columns_of,
    own_values,
    said_of,
)
from operator_push.store.statements import insert_rows


def test_lists_are_read_back_with_those_who_are_on_them_now(database: Database):
    lists, changes = DistributionLists(), Changes()
    lists.add(1, "vip", [Member(5), Member(6)], 7, changes)
    lists.add(2, "vip", [Member(5)], 7, changes)
    lists.remove(1, "vip", [5], changes)
    database.run(lambda connection: write_batch(connection, changes, 0))
    again = database.read(distribution_lists)
    assert again.members_of(1, "vip") == (6,)
    assert again.members_of(2, "vip") == (5,)
    assert again.members_of(3, "vip") == ()
    more = Changes()
    again.add(3, "vip", [Member(9)], 8, more)
    database.run(lambda connection: write_batch(connection, more, 0))
    assert database.read(distribution_lists).members_of(3, "vip") == (9,)


COLUMNS = {"name": "text", "due": "date"}
ASHA = {"name": "Asha", "due": 31}


def fill(connection: Connection) -> None:
    insert_rows(connection, schema.account, [row(schema.account, account_no=1, name="chai")])
    lists, changes = DistributionLists(), Changes()
    people = [Member(5, own=ASHA), Member(6, by_code=True, own={"name": "Ravi"}), Member(7)]
    lists.add(1, "vip", people, 1_000, changes, COLUMNS)
    lists.add(2, "vip", [Member(5, own={"name": "Another's"})], 2_000, changes, COLUMNS)
    write_batch(connection, changes, 0)


def test_what_a_client_says_is_read_for_its_own_lists_alone(database: Database):
    database.run(fill)
    lists = database.read(distribution_lists)
    assert lists.columns_of(1, "vip") == COLUMNS
    assert set(lists.came_by_code(1, "vip")) == {6}

    def read(rows: Connection) -> None:
        assert own_columns_of(rows, 1, "vip") == COLUMNS
        assert own_values(rows, 1, "vip", COLUMNS) == {"name": {5: "Asha", 6: "Ravi"}, "due": {5: 31}}
        assert own_values(rows, 2, "vip", {"name": "text"}) == {"name": {5: "Another's"}}
        assert own_values(rows, 3, "vip", COLUMNS) == {"name": {}, "due": {}}
        assert said_of(rows, 5) == [SaidOfPerson("chai", "vip", {"name": "Asha", "due": "1970-02-01"}, 1_000)]
        with pytest.raises(OperatorError, match="no list 'regulars' with columns"):
            own_columns_of(rows, 1, "regulars")

    database.read(read)


def test_what_was_said_is_erased_after_its_time_and_who_is_on_the_list_stays(database: Database):
    database.run(fill)
    assert database.run(lambda rows: erase_own_values(rows, 2_000)) == 2
    assert database.run(lambda rows: erase_own_values(rows, 2_000)) == 0
    assert database.read(lambda rows: own_values(rows, 1, "vip", COLUMNS)) == {"name": {}, "due": {}}
    assert database.read(lambda rows: own_values(rows, 2, "vip", {"name": "text"}))["name"] == {
        5: "Another's"
    }
    assert database.read(distribution_lists).members_of(1, "vip") == (5, 6, 7)
