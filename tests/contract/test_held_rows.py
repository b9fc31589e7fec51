"""Open and expired holds, and corrections, as both databases tell them."""

from store_rows import NOON_US, SHARD, ids, keyed_row, message_row, row

from operator_push.domain.transfers import LedgerAccount, TransferKind
from operator_push.services.correct_ledger import Correction
from operator_push.services.expire_holds import ExpiredHold, SentSegment
from operator_push.store import schema
from operator_push.store.correction_rows import corrections, known_correction, sides_of
from operator_push.store.database import Database
from operator_push.store.held_rows import OpenHold, expired_holds, open_holds, sent_of_expired
from operator_push.store.small_rows import upsert
from operator_push.store.statements import insert_rows

WAITS, SENT, ENDED, EXPIRED = ids(4)


def fill(database: Database) -> None:
    attempts = [
        keyed_row(schema.attempt, message, segment_no=1, attempt_no=1, link_no=3, at_us=NOON_US, **more)
        for message, more in ((SENT, {}), (EXPIRED, {"user_message_reference": 77}))
    ]
    hold = row(
        schema.expired_hold,
        shard=SHARD,
        message_id=EXPIRED,
        account_no=1,
        expired_micros=5,
        price_micros=5,
        expired_us=NOON_US,
    )
    rows = {
        schema.account: [row(schema.account, account_no=1, name="chai", kind="esme", currency="INR")],
        schema.message: [message_row(each) for each in (WAITS, SENT, ENDED, EXPIRED)],
        schema.message_final: [keyed_row(schema.message_final, each) for each in (ENDED, EXPIRED)],
        schema.attempt: attempts,
        schema.submit_result: [
            keyed_row(schema.submit_result, EXPIRED, segment_no=1, attempt_no=1, smsc_message_id="S7")
        ],
        schema.expired_hold: [hold],
        schema.balance: [row(schema.balance, shard=SHARD, account_no=1, side=3, amount_micros=9)],
    }
    for table, found in rows.items():
        database.run(lambda connection, table=table, found=found: insert_rows(connection, table, found))  # type: ignore[misc]


def test_open_and_expired_holds_are_listed(database: Database) -> None:
    fill(database)
    assert database.read(lambda connection: open_holds(connection, SHARD, 0, 9)) == [
        OpenHold(WAITS, "chai", 100_000, 0),
        OpenHold(SENT, "chai", 100_000, NOON_US),
    ]
    assert len(database.read(lambda connection: open_holds(connection, SHARD, 0, 1))) == 1
    assert database.read(lambda connection: expired_holds(connection, SHARD)) == [
        ExpiredHold(EXPIRED, 1, 5, 5, NOON_US)
    ]
    assert database.read(lambda connection: expired_holds(connection, SHARD, NOON_US + 1)) == []
    assert database.read(lambda connection: list(sent_of_expired(connection, SHARD, 0, {3: 30}))) == [
        SentSegment(EXPIRED, 1, 30, "S7", "919812345678", 77)
    ]


def test_corrections_are_found_by_their_clients_reference(database: Database) -> None:
    fill(database)
    kind = int(TransferKind.CREDIT_NOTE)
    made = [
        Correction(account, "R1", kind, 10 + account, 5, 1, 0, "agreed", NOON_US, "ann") for account in (1, 2)
    ]
    for each in made:
        values = {name: getattr(each, name) for name in each.__struct_fields__}
        database.run(lambda connection, values=values: upsert(connection, "correction", values))  # type: ignore[misc]
    assert database.read(lambda connection: known_correction(connection, 1, "R1")) == made[0]
    assert database.read(lambda connection: known_correction(connection, 1, "R2")) is None
    assert database.read(lambda connection: corrections(connection, None, 9)) == made[::-1]
    assert database.read(lambda connection: corrections(connection, 2, 9)) == [made[1]]
    assert database.read(lambda connection: sides_of(connection, SHARD, 1)) == {LedgerAccount.REVENUE: 9}
