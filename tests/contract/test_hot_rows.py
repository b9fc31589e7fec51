"""A batch of changes: every table, balances by sums, all or nothing, and once although it was sent twice."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError
from store_rows import SHARD, ids, keyed_row, message_row, row

from operator_push.kernel.errors import ResourceError
from operator_push.services.changes import TABLE_FIELDS, Changes
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.facts import balances
from operator_push.store.hot_rows import HotRowsWriter, is_written, write_batch

AVAILABLE, HELD = 1, 2


def full_changes() -> Changes:
    """Two rows in every table that changes know, a small row, and money that moves."""
    changes = Changes()
    for name in TABLE_FIELDS:
        table = schema.metadata.tables[name]
        if table is schema.vault_subscriber:
            rows = [row(table, subscriber_no=number, lookup=bytes([number]) * 16) for number in (1, 2)]
        else:
            rows = [keyed_row(table, identifier) for identifier in ids(2)]
        getattr(changes, name).extend(rows)
    changes.upserts.append(("brand", {"brand_no": 1, "name": "Chai Point"}))
    changes.move(7, AVAILABLE, -500)
    changes.move(7, HELD, 500)
    return changes


def stored(connection: Connection, name: str) -> list[tuple[Any, ...]]:
    table = schema.metadata.tables[name]
    return [tuple(each) for each in connection.execute(select(table).order_by(*table.primary_key.columns))]


def test_every_table_is_written(database: Database) -> None:
    changes = full_changes()
    database.run(lambda connection: write_batch(connection, changes, SHARD))
    for name in TABLE_FIELDS:
        assert database.read(lambda connection, name=name: stored(connection, name)) == getattr(changes, name)
    assert database.read(lambda connection: stored(connection, "brand")) == [(1, "Chai Point")]
    assert database.read(lambda connection: balances(connection, SHARD)) == {
        (7, AVAILABLE): -500,
        (7, HELD): 500,
    }


def test_nothing_is_written_of_a_batch_with_one_bad_row(database: Database) -> None:
    changes = full_changes()
    changes.vault_audit.append(changes.vault_audit[0])
    with pytest.raises(IntegrityError):
        database.run(lambda connection: write_batch(connection, changes, SHARD))
    for name in TABLE_FIELDS:
        assert database.read(lambda connection, name=name: stored(connection, name)) == []
    assert database.read(lambda connection: balances(connection, SHARD)) == {}


def test_an_empty_batch_writes_nothing(database: Database) -> None:
    database.run(lambda connection: write_batch(connection, Changes(), SHARD))
    assert database.read(lambda connection: stored(connection, "message")) == []


def test_balances_are_sums_by_shard(database: Database) -> None:
    for shard, amount in ((0, 100), (0, -30), (1, 5), (0, 0)):
        changes = Changes()
        changes.move(1, AVAILABLE, amount)
        database.run(lambda connection, changes=changes, shard=shard: write_batch(connection, changes, shard))
    assert database.read(lambda connection: balances(connection, 0)) == {(1, AVAILABLE): 70}
    assert database.read(lambda connection: balances(connection, 1)) == {(1, AVAILABLE): 5}


def test_an_upsert_replaces_what_stands_under_the_key(database: Database) -> None:
    def account(**named: Any) -> dict[str, object]:
        names = [column.name for column in schema.account.columns]
        return dict(zip(names, row(schema.account, account_no=1, name="demo", **named), strict=True))

    changes = Changes()
    changes.upserts += [("account", account(active=True)), ("account", account(active=False, window=50))]
    database.run(lambda connection: write_batch(connection, changes, SHARD))
    found = database.read(lambda connection: connection.execute(select(schema.account)).mappings().one())
    assert (found["active"], found["window"]) == (False, 50)


def test_one_key_tells_whether_a_batch_is_on_disk(database: Database) -> None:
    changes = Changes()
    changes.message.append(message_row(ids(1)[0]))
    assert not database.read(lambda connection: is_written(connection, changes))
    database.run(lambda connection: write_batch(connection, changes, SHARD))
    assert database.read(lambda connection: is_written(connection, changes))
    assert not database.read(lambda connection: is_written(connection, Changes()))


class FaultyThread:
    """A writer thread in one thread whose answers are as the test says: lost before or after the commit."""

    def __init__(self, database: Database, faults: list[str]) -> None:
        self._database = database
        self._faults = faults

    def submit(
        self, work: Callable[[Connection], None], done: Callable[[BaseException | None], None]
    ) -> None:
        fault = self._faults.pop(0)
        if fault == "before":
            done(ResourceError("gone before the commit"))
            return
        try:
            self._database.run(work)
        except Exception as error:
            done(error)
            return
        done(ResourceError("gone, and nobody knows") if fault == "after" else None)


@pytest.mark.parametrize(
    "faults", [["after", "none"], ["before", "none"], ["before", "after", "after", "none"]]
)
def test_a_batch_that_is_sent_again_is_written_once(database: Database, faults: list[str]) -> None:
    writer = HotRowsWriter(FaultyThread(database, list(faults)), SHARD)
    changes, answers = full_changes(), list[BaseException | None]()
    for _ in faults:
        writer.write(changes, answers.append)
    assert [answer is None for answer in answers] == [fault == "none" for fault in faults]
    assert database.read(lambda connection: stored(connection, "message")) == changes.message
    assert database.read(lambda connection: balances(connection, SHARD)) == {
        (7, AVAILABLE): -500,
        (7, HELD): 500,
    }


def test_a_duplicate_in_a_new_batch_is_not_mistaken_for_a_repetition(database: Database) -> None:
    writer = HotRowsWriter(FaultyThread(database, ["after", "none", "none"]), SHARD)
    answers: list[BaseException | None] = []
    first = full_changes()
    for changes in (first, first, full_changes()):
        writer.write(changes, answers.append)
    assert isinstance(answers[0], ResourceError)
    assert answers[1] is None
    assert isinstance(answers[2], IntegrityError)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 200])
def test_a_batch_of_any_size_is_written_row_by_row(database: Database, count: int) -> None:
    """SQLite gets rows many to a statement; none may be lost or doubled where a batch is cut."""
    wanted = [keyed_row(schema.attempt, identifier, segment_no=1, attempt_no=1) for identifier in ids(count)]
    database.run(lambda connection: write_batch(connection, Changes(attempt=list(wanted)), SHARD))
    found = database.read(
        lambda connection: connection.execute(
            select(schema.attempt).order_by(schema.attempt.c.message_id)
        ).all()
    )
    assert [tuple(row) for row in found] == wanted
