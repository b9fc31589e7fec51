"""The money of a message that is credited, with who had a part of it, on both databases."""

from store_rows import NOON_US, SHARD, keyed_row, message_row, row

from operator_push.domain.ledger import TransferKind
from operator_push.domain.transfers import LEGS, LedgerAccount
from operator_push.kernel.ids import IdSequence
from operator_push.services.credited_shares import CreditedMessage, SharedPart
from operator_push.store import schema
from operator_push.store.correction_rows import credited_message
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows

PAYER, PARENT, SUBSCRIBER = 1, 8, (1 << 32) + 5
K = TransferKind


def test_what_it_earned_who_had_a_part_and_what_was_credited_before(database: Database) -> None:
    ids = IdSequence(SHARD)
    message_id, plain, open_one = (ids.next_id(NOON_US) for _ in range(3))

    def posting(reference: int, kind: TransferKind, account_no: int, micros: int) -> tuple[object, ...]:
        debit, credit = map(int, LEGS[kind])
        named = {"kind": int(kind), "debit": debit, "credit": credit, "currency": "INR"}
        table = schema.ledger_transfer
        return keyed_row(table, reference, account_no=account_no, amount_micros=micros, **named)

    postings = [
        posting(message_id, K.HOLD, PAYER, 1_180),
        posting(message_id, K.SETTLE, PAYER, 1_180),
        posting(message_id, K.TAX, PAYER, 180),
        posting(message_id, K.SHARE_OUT, PAYER, 250),
        posting(message_id, K.SHARE_IN, PARENT, 250),
        posting(message_id, K.REWARD_OUT, PAYER, 20),
        posting(message_id, K.REWARD_IN, SUBSCRIBER, 20),
        posting(plain, K.HOLD, PAYER, 100),
        posting(plain, K.SETTLE, PAYER, 60),
        posting(open_one, K.HOLD, PAYER, 100),
    ]
    earned = int(LedgerAccount.EARNED)
    balances = [(SHARD, PARENT, earned, 240), (SHARD, SUBSCRIBER, earned, 0), (SHARD + 1, PARENT, earned, 7)]
    notes = [
        row(
            schema.correction,
            account_no=PAYER,
            client_reference=f"c{number}",
            kind=int(kind),
            reference=number,
            amount_micros=micros,
            message_id=about,
        )
        for number, (kind, micros, about) in enumerate(
            ((K.CREDIT_NOTE, 30, message_id), (K.CHARGE, 9, message_id), (K.CREDIT_NOTE, 5, plain))
        )
    ]
    for table, rows in (
        (schema.message, [message_row(each) for each in (message_id, plain, open_one)]),
        (schema.ledger_transfer, postings),
        (schema.balance, balances),
        (schema.correction, notes),
    ):
        database.run(lambda connection, table=table, rows=rows: insert_rows(connection, table, rows))  # type: ignore[misc]

    def found(message: int) -> CreditedMessage | None:
        return database.read(lambda connection: credited_message(connection, message))

    parts = (
        SharedPart(K.SHARE_IN, PARENT, 250, 240),
        SharedPart(K.REWARD_IN, SUBSCRIBER, 20, 0),
    )
    assert found(message_id) == CreditedMessage(message_id, SHARD, PAYER, "INR", 1_000, 30, parts)
    assert found(plain) == CreditedMessage(plain, SHARD, PAYER, "INR", 60, 5)
    assert found(open_one) is None
    assert found(ids.next_id(NOON_US)) is None
