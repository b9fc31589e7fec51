"""Erasing empties a person, leaves the chain whole, and keeps the number silent; on both databases."""

from functools import partial

import msgspec
import pytest
from sqlalchemy import Connection, Table, select
from store_rows import NOON_US, SHARD, ids, keyed_row

from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.person_links import PersonLink
from operator_push.services.changes import Changes
from operator_push.services.distribution_lists import DistributionLists, Member
from operator_push.services.manage_permission import consent_row
from operator_push.store import schema
from operator_push.store.consent_rows import acts_of, keep_receipt, kept_receipt
from operator_push.store.consent_seal_rows import verify_consents
from operator_push.store.database import Database
from operator_push.store.erasure_rows import erase_person
from operator_push.store.hot_rows import write_batch
from operator_push.store.lookup_key_rows import suppressed_lookups
from operator_push.store.small_rows import upsert
from operator_push.store.statements import insert_rows
from operator_push.vault.vault import Vault

KEY = b"k" * 32
HERS, HIS, MO, ITEM = ids(4)
HER_NUMBER, HIS_NUMBER = "919812345678", "919812345679"


@pytest.fixture
def vault(database: Database) -> Vault:
    """Two people with an act each; she has written, and has a receipt."""
    vault = Vault(KEY)

    def fill(connection: Connection) -> None:
        changes = Changes()
        changes.vault_subscriber.extend(vault.enrol([HER_NUMBER, HIS_NUMBER], NOON_US).rows)
        for number, event_id in ((1, HERS), (2, HIS)):
            act = (
                number,
                7,
                0,
                Purpose.MARKETING,
                "*",
                ConsentAction.GRANT,
                NOON_US,
                Evidence("web", "form"),
            )
            changes.consent_event.append(consent_row(SHARD, event_id, ConsentEvent(*act)))
        changes.upserts.append(
            (
                "subscriber_clock",
                {
                    "shard": 0,
                    "subscriber_no": 1,
                    "home_zone": "Asia/Kolkata",
                    "network_country": "",
                    "changed_us": NOON_US,
                },
            )
        )
        both = [Member(number, own={"name": "Asha"}) for number in (1, 2)]
        DistributionLists().add(1, "vip", both, NOON_US, changes, {"name": "text"})
        write_batch(connection, changes, SHARD)
        keep_receipt(connection, SHARD, HERS, "jws", NOON_US)
        insert_rows(
            connection,
            schema.mo_message,
            [keyed_row(schema.mo_message, MO, subscriber_no=1, source=HER_NUMBER, body=b"pdu")],
        )
        insert_rows(
            connection,
            schema.review_item,
            [keyed_row(schema.review_item, ITEM, subscriber_no=1, text="bus stop")],
        )

    database.run(fill)
    return vault


def erase(database: Database, vault: Vault) -> int:
    number, lookup, version = vault.forget(HER_NUMBER)
    return database.run(
        lambda connection: erase_person(connection, SHARD, number, lookup, version, b"r" * 16, NOON_US, "me")
    )


def test_nothing_of_her_is_left_and_the_chain_is_whole(database: Database, vault: Vault) -> None:
    assert erase(database, vault) == 1

    member = schema.distribution_list_member.c

    def left(connection: Connection) -> list[object]:
        mo, item = schema.mo_message.c, schema.review_item.c
        return [
            acts_of(connection, SHARD, 1),
            kept_receipt(connection, SHARD, HERS),
            connection.execute(select(mo.source, mo.body)).one(),
            connection.execute(select(item.text)).scalar(),
            connection.execute(select(schema.subscriber_clock)).all(),
            list(connection.scalars(select(member.subscriber_no))),
        ]

    assert database.read(left) == [[], None, ("", b""), "", [], [2]]
    proof = database.read(lambda connection: verify_consents(connection, SHARD))
    assert (proof.events, proof.erased, proof.errors) == (2, 1, 0)
    assert len(database.read(lambda connection: acts_of(connection, SHARD, 2))) == 1


def test_her_number_stays_suppressed_over_a_restart_and_is_not_given_again(
    database: Database, vault: Vault
) -> None:
    erase(database, vault)
    again, told = Vault(KEY), list[int]()
    assert database.read(again.load) == 1
    again.know_suppressed(database.read(lambda connection: suppressed_lookups(connection, SHARD)))
    again.on_suppressed = lambda number, at_us: told.append(number)
    assert again.number_of(HER_NUMBER) == 0
    assert again.enrol([HER_NUMBER, "919812345680"], NOON_US).numbers == [3, 4]
    assert told == [3]


def test_a_number_that_has_a_new_owner_comes_back_as_the_new_one(database: Database, vault: Vault) -> None:
    number, rows = vault.hand_over(HIS_NUMBER, NOON_US, NOON_US)
    changes = Changes()
    changes.upserts.extend(("vault_subscriber", row) for row in rows)
    database.run(lambda connection: write_batch(connection, changes, SHARD))
    again = Vault(KEY)
    assert database.read(again.load) == 2
    assert again.number_of(HIS_NUMBER) == number == 3
    with pytest.raises(LookupError):
        again.msisdn_of(2, "send")


def test_what_was_linked_and_told_to_her_goes_and_his_stays(database: Database, vault: Vault) -> None:
    def fill(connection: Connection) -> None:
        for number in (1, 2):
            told = {"shard": SHARD, "brand_no": 7, "subscriber_no": number, "message_id": 9}
            upsert(connection, "way_out", told)
            link = msgspec.structs.asdict(
                PersonLink(3, number, "C-1", "a@b.example", asked_us=1, linked_us=2)
            )
            upsert(connection, "vault_link", {**link, "shard": SHARD, "is_linked": 1})
            event = {"account_no": 3, "subscriber_no": number, "what": "linked", "told": "", "named": b"d"}
            key = {"shard": SHARD, "event_id": number}
            upsert(connection, "person_link_event", {**key, **event, "at_us": 2, "by_whom": "me"})
            visit = {"kind": 1, "why": 0, "value_micros": 0, "order_ref": "", "at_us": 2}
            upsert(connection, "link_event", {**key, **visit, "campaign_no": 5, "subscriber_no": number})

    database.run(fill)
    erase(database, vault)
    for table in (schema.way_out, schema.vault_link, schema.person_link_event, schema.link_event):
        assert database.read(partial(numbers_in, table)) == [2], table.name


def numbers_in(table: Table, connection: Connection) -> list[int]:
    return list(connection.execute(select(table.c.subscriber_no)).scalars())
