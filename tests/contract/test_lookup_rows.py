"""The vault's audit is a chain, and look-up values follow a rotation, on every database."""

from functools import partial

import pytest
from sqlalchemy import Connection
from store_rows import NOON_US, ids

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.lookup_keys import LookupKeys
from operator_push.kernel.pseudonym import lookup_value
from operator_push.services.changes import Changes
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.lookup_key_rows import renew_page, suppressed_lookups, versions_in_use
from operator_push.store.lookup_rows import LookupChain, lookups, verify_lookups
from operator_push.store.statements import insert_rows
from operator_push.vault.vault import Vault

FIRST, SECOND = b"1" * 32, b"2" * 32
PEOPLE = ["919812345678", "4915112345678", "447700900123"]
AUDIT = schema.vault_audit


@pytest.fixture
def audit(database: Database) -> Database:
    """Four rows in two commits."""
    vault, chain = Vault(FIRST), LookupChain(0)
    vault.enrol(PEOPLE, NOON_US)
    for first, second in (ids(4)[:2], ids(4)[2:]):
        changes = Changes()
        for audit_id in (first, second):
            changes.vault_audit.append(
                vault.asked_for(
                    PEOPLE[0], actor="ann", purpose=f"case {audit_id % 2}", audit_id=audit_id, at_us=NOON_US
                )
            )
        database.run(partial(write_batch, changes=changes, shard=0, lookups=chain))
    return database


def verified(database: Database, head: str = "") -> tuple[int, str | None]:
    proof = database.read(lambda rows: verify_lookups(rows, 0, head))
    return proof.rows, proof.first_error


def test_the_audit_is_listed_and_holds(audit: Database) -> None:
    assert verified(audit) == (4, None)
    found = audit.read(lambda rows: lookups(rows, 0, actor="ann", rows_max=3))
    assert [(one.subscriber_no, one.lookups) for one in found] == [(1, 1)] * 3
    assert found[0].audit_id > found[1].audit_id
    assert audit.read(lambda rows: lookups(rows, 0, actor="ben")) == []
    assert audit.read(lambda rows: lookups(rows, 0, until_us=NOON_US)) == []


@pytest.mark.parametrize(
    ("meddle", "told"),
    [
        (AUDIT.update().where(AUDIT.c.chain_no == 2).values(actor="ben"), "one of its columns was changed"),
        (AUDIT.delete().where(AUDIT.c.chain_no == 2), "rows between them are gone"),
        (AUDIT.update().where(AUDIT.c.chain_no == 4).values(chain=b"x" * 32), "was changed"),
        (AUDIT.delete().where(AUDIT.c.chain_no == 1), "rows between them are gone"),
    ],
)
def test_what_was_meddled_with_is_told(audit: Database, meddle: object, told: str) -> None:
    audit.run(lambda rows: rows.execute(meddle))
    assert told in str(verified(audit)[1])


def test_an_end_that_was_cut_off_is_seen_with_an_earlier_head(audit: Database) -> None:
    head = audit.read(lambda rows: verify_lookups(rows, 0)).head
    assert verified(audit, head) == (4, None)
    audit.run(lambda rows: rows.execute(AUDIT.delete().where(AUDIT.c.chain_no == 4)))
    assert verified(audit) == (3, None)
    assert "its end was cut off" in str(verified(audit, head)[1])


def test_rows_of_a_version_without_a_chain_stand_before_it(database: Database) -> None:
    old, new = ids(2)
    vault = Vault(FIRST)
    asked = partial(vault.asked_for, PEOPLE[0], actor="ann", purpose="x", at_us=NOON_US)
    database.run(lambda rows: insert_rows(rows, AUDIT, [asked(audit_id=old)]))
    changes = Changes()
    changes.vault_audit.append(asked(audit_id=new))
    database.run(partial(write_batch, changes=changes, shard=0))
    assert verified(database) == (1, None)
    proof = database.read(lambda rows: verify_lookups(rows, 0))
    assert proof.unchained == 1


def test_look_up_values_follow_a_rotation_page_by_page(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operator_push.store.lookup_key_rows.PAGE_ROWS", 2)
    vault = Vault(FIRST)
    database.run(lambda rows: insert_rows(rows, schema.vault_subscriber, vault.enrol(PEOPLE, NOON_US).rows))
    keys = LookupKeys({0: FIRST}).with_key(SECOND)

    def page(after: int) -> int:
        return database.run(lambda rows: renew_page(rows, 0, after, 1, keys.value))

    assert page(0) == 2
    behind = Vault(keys)
    assert database.read(behind.load) == 3
    assert behind.is_behind
    assert (page(2), page(3)) == (3, 0)
    people, erased = database.read(lambda rows: versions_in_use(rows, 0))
    assert (people, erased) == ({1: 3}, {})
    caught_up = Vault(keys)
    assert database.read(caught_up.load) == 3
    assert not caught_up.is_behind
    with pytest.raises(OperatorError, match=r"secrets/vault-lookup-1\.key back"):
        database.read(Vault(FIRST).load)


def test_a_suppression_tells_the_version_of_its_key(database: Database) -> None:
    lookup = lookup_value(FIRST, "msisdn", PEOPLE[0])

    def erase(rows: Connection) -> None:
        insert_rows(
            rows, schema.erasure, [(0, lookup, NOON_US, "ann", 0, 1), (0, b"x" * 16, NOON_US, "ann", 0, 0)]
        )

    database.run(erase)
    assert database.read(lambda rows: suppressed_lookups(rows, 0)) == {1: {lookup}, 0: {b"x" * 16}}
