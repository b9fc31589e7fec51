"""The chain over consent acts: written with them, whole after an erasure, and a changed byte is located."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, update
from store_rows import NOON_US, SHARD, ids

from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.services.changes import Changes
from operator_push.services.manage_permission import consent_row
from operator_push.store import schema
from operator_push.store.consent_rows import act_of, keep_receipt, kept_receipt
from operator_push.store.consent_seal_rows import seal_older_acts, verify_consents
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.statements import insert_rows

IDS = ids(6)
ROW, SEAL = schema.consent_event.c, schema.consent_seal.c


def rows(event_ids: list[int]) -> list[tuple[object, ...]]:
    return [
        consent_row(
            SHARD,
            event_id,
            ConsentEvent(
                7, 1, 8, Purpose.MARKETING, "sms", ConsentAction.GRANT, NOON_US, Evidence("web", "form 7")
            ),
        )
        for event_id in event_ids
    ]


def write(connection: Connection) -> None:
    for some in (IDS[:2], IDS[2:4]):
        changes = Changes()
        changes.consent_event += rows(some)
        write_batch(connection, changes, SHARD)


def test_what_was_written_is_proved(database: Database) -> None:
    database.run(write)
    proof = database.read(lambda connection: verify_consents(connection, SHARD))
    assert (proof.events, proof.seals, proof.errors, proof.first_error) == (4, 2, 0, None)
    assert len(proof.head) == 64


def test_an_erased_act_leaves_the_chain_whole(database: Database) -> None:
    database.run(write)
    erased = update(schema.consent_event).where(ROW.event_id == IDS[1])
    database.run(lambda connection: connection.execute(erased.values(subscriber_no=0, detail="", salt=b"")))
    proof = database.read(lambda connection: verify_consents(connection, SHARD))
    assert (proof.events, proof.erased, proof.errors) == (4, 1, 0)
    assert database.read(lambda connection: act_of(connection, SHARD, IDS[1])) is None


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda: update(schema.consent_event).where(ROW.event_id == IDS[2]).values(detail="form 8"), IDS[2]),
        (lambda: update(schema.consent_event).where(ROW.event_id == IDS[0]).values(action=2), IDS[0]),
        (lambda: delete(schema.consent_event).where(ROW.event_id == IDS[3]), "deleted"),
        (lambda: update(schema.consent_seal).where(SEAL.seal_no == 1).values(events=3), "seal_no 1"),
        (lambda: delete(schema.consent_seal).where(SEAL.seal_no == 1), "seals are missing"),
    ],
)
def test_what_was_changed_is_found_and_located(
    database: Database, damage: Callable[[], object], words: object
) -> None:
    database.run(write)
    database.run(lambda connection: connection.execute(damage()))  # type: ignore[call-overload]
    proof = database.read(lambda connection: verify_consents(connection, SHARD))
    assert proof.errors
    assert str(words) in str(proof.first_error)


def test_an_act_that_was_slipped_in_is_found(database: Database) -> None:
    database.run(write)
    database.run(lambda connection: insert_rows(connection, schema.consent_event, rows(IDS[4:5])))
    proof = database.read(lambda connection: verify_consents(connection, SHARD))
    assert "stands in no seal" in str(proof.first_error)
    assert database.run(lambda connection: seal_older_acts(connection, SHARD)) == 0


def test_acts_of_an_older_version_are_sealed_once(database: Database) -> None:
    database.run(lambda connection: insert_rows(connection, schema.consent_event, rows(IDS)))
    assert database.run(lambda connection: seal_older_acts(connection, SHARD)) == 6
    assert database.run(lambda connection: seal_older_acts(connection, SHARD)) == 0
    proof = database.read(lambda connection: verify_consents(connection, SHARD))
    assert (proof.events, proof.errors) == (6, 0)


def test_a_receipt_stays_as_it_was_first_given(database: Database) -> None:
    for jws in ("first", "second"):
        database.run(lambda connection, jws=jws: keep_receipt(connection, SHARD, IDS[0], jws, NOON_US))
    assert database.read(lambda connection: kept_receipt(connection, SHARD, IDS[0])) == "first"
    assert database.read(lambda connection: kept_receipt(connection, SHARD, IDS[1])) is None
