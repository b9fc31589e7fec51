"""The vault comes back from its rows, under the key by which they were written."""

import pytest
from sqlalchemy import Connection, select
from store_rows import NOON_US, ids

from operator_push.kernel.errors import OperatorError
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows
from operator_push.vault.rows import VAULT_AUDIT_COLUMNS, vault_subscriber
from operator_push.vault.vault import Vault

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
PEOPLE = ["919812345678", "4915112345678", "1234567", "999999999999999"]


def enrol(vault: Vault, database: Database, people: list[str]) -> list[int]:
    enrolment = vault.enrol(people, NOON_US)
    database.run(lambda connection: insert_rows(connection, schema.vault_subscriber, enrolment.rows))
    return enrolment.numbers


def test_the_vault_names_the_columns_that_the_store_has() -> None:
    stored = [(each.name, type(each.type)) for each in schema.vault_subscriber.columns]
    assert [(each.name, type(each.type)) for each in vault_subscriber.columns] == stored
    assert tuple(each.name for each in schema.vault_audit.columns) == VAULT_AUDIT_COLUMNS


def test_a_loaded_vault_knows_what_the_former_one_knew(database: Database) -> None:
    numbers = enrol(Vault(KEY), database, PEOPLE)
    loaded = Vault(KEY)
    assert database.read(loaded.load) == len(loaded) == len(PEOPLE)
    assert [loaded.number_of(msisdn) for msisdn in PEOPLE] == numbers
    assert [loaded.msisdn_of(number, "send") for number in numbers] == PEOPLE
    assert loaded.enrol(["919812345679"], NOON_US).numbers == [len(PEOPLE) + 1]


def test_loading_replaces_what_was_in_memory(database: Database) -> None:
    enrol(Vault(KEY), database, PEOPLE[:1])
    vault = Vault(KEY)
    vault.enrol(PEOPLE[::-1], NOON_US)  # a commit that failed
    database.read(vault.load)
    assert [vault.number_of(msisdn) for msisdn in PEOPLE] == [1, 0, 0, 0]


def test_a_number_that_was_given_up_is_not_given_again(database: Database) -> None:
    enrol(Vault(KEY), database, PEOPLE)
    row = schema.vault_subscriber.c
    database.run(
        lambda connection: connection.execute(schema.vault_subscriber.delete().where(row.subscriber_no == 2))
    )
    vault = Vault(KEY)
    assert database.read(vault.load) == 3
    assert vault.number_of(PEOPLE[1]) == 0
    with pytest.raises(LookupError):
        vault.msisdn_of(2, "send")
    assert vault.enrol(["919812345679"], NOON_US).numbers == [5]


def test_shards_have_people_of_their_own(database: Database) -> None:
    enrol(Vault(KEY, shard=0), database, PEOPLE)
    enrol(Vault(KEY, shard=1), database, PEOPLE[:1])
    vault = Vault(KEY, shard=1)
    assert database.read(vault.load) == 1


def test_another_key_is_refused(database: Database) -> None:
    """With it, the snapshot's look-up values would match nobody, silently."""
    enrol(Vault(KEY), database, PEOPLE)
    with pytest.raises(OperatorError, match=r"not the one by which the vault was filled.*pseudonym\.key"):
        database.read(Vault(OTHER_KEY).load)


def test_audit_rows_fit_their_table(database: Database) -> None:
    vault = Vault(KEY)
    enrol(vault, database, PEOPLE)
    first, second = ids(2)
    vault.msisdn_of(1, "send")
    rows = vault.take_audit_rows(lambda: first, NOON_US)
    rows.append(vault.reveal(2, actor="ann", purpose="court order 7", audit_id=second, at_us=NOON_US)[1])

    def work(connection: Connection) -> list[tuple[object, ...]]:
        insert_rows(connection, schema.vault_audit, rows)
        order = schema.vault_audit.c.audit_id
        return [tuple(each) for each in connection.execute(select(schema.vault_audit).order_by(order))]

    assert database.run(work) == rows
