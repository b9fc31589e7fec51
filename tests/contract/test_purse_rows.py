"""What the cap of a month has counted, and whose money open holds are, on both databases."""

from store_rows import NOON_US, SHARD, keyed_row, message_row

from operator_push.domain.ledger import TransferKind
from operator_push.domain.message import Verdict
from operator_push.domain.transfers import LEGS
from operator_push.kernel.ids import IdSequence
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.purse_rows import payers_of_open_holds, spent_since
from operator_push.store.statements import insert_rows

HOUR_US = 3_600_000_000


def test_what_is_held_and_what_was_settled_counts_and_what_was_released_does_not(database: Database) -> None:
    sequence = IdSequence(SHARD)
    old, ended, still_open, refused, other, late = (
        sequence.next_id(NOON_US + hours * HOUR_US) for hours in (-13, -11, 0, 1, 1, 2)
    )
    rows = [
        message_row(old, held_micros=50),
        message_row(ended, held_micros=30),
        message_row(still_open, held_micros=2),
        message_row(refused, held_micros=0, verdict=int(Verdict.REFUSE)),
        message_row(other, held_micros=900, account_no=2),
        message_row(late, held_micros=4),
    ]
    final = keyed_row(schema.message_final, ended, settled_micros=20, released_micros=10)
    database.run(lambda connection: insert_rows(connection, schema.message, rows))
    database.run(lambda connection: insert_rows(connection, schema.message_final, [final]))

    def spent(below_id: int, *account_nos: int) -> int:
        since_us = NOON_US - 12 * HOUR_US
        return database.read(
            lambda connection: spent_since(connection, SHARD, since_us, below_id, account_nos)
        )

    assert spent(late + 1, 1) == 26
    assert spent(late, 1) == 22
    assert spent(late, 1, 2) == 922
    assert spent(late, 3) == 0


def test_the_payer_of_an_open_hold_is_told_where_it_is_another_account(database: Database) -> None:
    sequence = IdSequence(SHARD)
    paid_by_parent, own, ended = (sequence.next_id(NOON_US) for _ in range(3))
    debit, credit = LEGS[TransferKind.HOLD]
    sides = {"kind": int(TransferKind.HOLD), "debit": int(debit), "credit": int(credit), "currency": "INR"}
    holds = [
        keyed_row(schema.ledger_transfer, message, account_no=payer, amount_micros=5, **sides)
        for message, payer in ((paid_by_parent, 7), (own, 1), (ended, 7))
    ]
    messages = [message_row(message) for message in (paid_by_parent, own, ended)]
    database.run(lambda connection: insert_rows(connection, schema.message, messages))
    database.run(lambda connection: insert_rows(connection, schema.ledger_transfer, holds))
    final = keyed_row(schema.message_final, ended)
    database.run(lambda connection: insert_rows(connection, schema.message_final, [final]))
    found = database.read(lambda connection: payers_of_open_holds(connection, SHARD))
    assert found == {paid_by_parent: 7}
