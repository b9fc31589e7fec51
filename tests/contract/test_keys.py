"""Keys refuse what must not happen twice, and let shards live side by side."""

import pytest
from sqlalchemy import Table, select
from sqlalchemy.exc import IntegrityError
from store_rows import ids, keyed_row, row

from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows

GROWING = [*schema.LARGE_TABLES, schema.vault_subscriber]


def sample(table: Table) -> tuple[object, ...]:
    if table is schema.vault_subscriber:
        return row(table, subscriber_no=1, lookup=b"a" * 16)
    return keyed_row(table, ids(1)[0])


@pytest.mark.parametrize("table", GROWING, ids=lambda table: table.name)
def test_the_same_key_is_refused_with_the_whole_transaction(database: Database, table: Table) -> None:
    first = sample(table)
    database.run(lambda connection: insert_rows(connection, table, [first]))
    other_shard = (first[0] + 1, *first[1:])  # type: ignore[operator]
    with pytest.raises(IntegrityError):
        database.run(lambda connection: insert_rows(connection, table, [other_shard, first]))
    found = database.read(lambda connection: connection.execute(select(table)).fetchall())
    assert [tuple(each) for each in found] == [first]


@pytest.mark.parametrize("table", GROWING, ids=lambda table: table.name)
def test_shards_live_side_by_side(database: Database, table: Table) -> None:
    first = sample(table)
    other_shard = (first[0] + 1, *first[1:])  # type: ignore[operator]
    database.run(lambda connection: insert_rows(connection, table, [first, other_shard]))
    found = database.read(lambda connection: connection.execute(select(table)).fetchall())
    assert sorted(tuple(each) for each in found) == [first, other_shard]


def test_a_number_has_one_subscriber_within_a_shard(database: Database) -> None:
    people = [row(schema.vault_subscriber, subscriber_no=number, lookup=b"a" * 16) for number in (1, 2)]
    with pytest.raises(IntegrityError):
        database.run(lambda connection: insert_rows(connection, schema.vault_subscriber, people))


@pytest.mark.parametrize("table", [schema.brand, schema.account, schema.campaign, schema.smsc_link])
def test_names_are_unique(database: Database, table: Table) -> None:
    number = next(iter(table.primary_key.columns)).name
    twins = [row(table, **{number: each, "name": "Chai Point"}) for each in (1, 2)]
    with pytest.raises(IntegrityError):
        database.run(lambda connection: insert_rows(connection, table, twins))


def test_the_widest_values_fit(database: Database) -> None:
    widest = {"shard": 255, "day": 2**31 - 1, "message_id": 2**63 - 1, "body": bytes(range(256)) * 300}
    message = row(schema.message, **widest, source="Ünïcode ☎", trail=b"\x00\xff")
    database.run(lambda connection: insert_rows(connection, schema.message, [message]))
    found = database.read(lambda connection: connection.execute(select(schema.message)).one())
    assert tuple(found) == message
