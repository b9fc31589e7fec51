"""A small store that tests prove, export and tell of: every kind of message once, with its money."""

from typing import Any

from sqlalchemy import Connection
from store_rows import SHARD, ids, keyed_row, message_row, row

from operator_push.domain.ledger import LedgerAccount, TransferKind
from operator_push.domain.message import MessageState, Verdict
from operator_push.domain.transfers import LEGS
from operator_push.kernel.ids import id_epoch_us
from operator_push.store import schema
from operator_push.store.seal_rows import seal_what_is_not
from operator_push.store.statements import insert_rows

PRICE = 100_000
TWO, WAITS, REFUSED, OPEN, WITHDRAWN, TOP_UP, WHOLE_ONE = ids(7)


def transfer(reference: int, kind: TransferKind, amount: int, account_no: int = 1) -> tuple[Any, ...]:
    debit, credit = LEGS[kind]
    return keyed_row(
        schema.ledger_transfer,
        reference,
        kind=int(kind),
        account_no=account_no,
        debit=int(debit),
        credit=int(credit),
        amount_micros=amount,
        currency="INR",
        at_us=id_epoch_us(reference),
    )


def attempt(message_id: int, segment_no: int, attempt_no: int = 1, **named: Any) -> tuple[Any, ...]:
    return keyed_row(
        schema.attempt,
        message_id,
        segment_no=segment_no,
        attempt_no=attempt_no,
        **{"link_no": 1, "incarnation": 1, **named},
    )


def result(message_id: int, segment_no: int, attempt_no: int, status: int, smsc_id: str = "") -> Any:
    named = {"segment_no": segment_no, "attempt_no": attempt_no, "command_status": status}
    return keyed_row(schema.submit_result, message_id, smsc_message_id=smsc_id, at_us=9, **named)


def fill(connection: Connection) -> None:
    """Two segments that have ended; one message that waits, one refused, one unanswered, one withdrawn.

    Its postings are sealed as those of an older version would be.
    """
    two = {"segment_count": 2, "held_micros": 2 * PRICE, "source": "56070"}
    rows: dict[str, list[tuple[Any, ...]]] = {
        "account": [row(schema.account, account_no=1, name="chai", kind="esme", currency="INR")],
        "brand": [row(schema.brand, brand_no=1, name="Chai Point")],
        "smsc_link": [row(schema.smsc_link, link_no=1, name="main")],
        "campaign": [row(schema.campaign, campaign_no=1, name="Morning chai")],
        "message": [
            message_row(TWO, campaign_no=1, brand_no=1, traffic_class=3, **two),
            message_row(WAITS),
            message_row(REFUSED, verdict=int(Verdict.REFUSE), reason=8, price_micros=0, held_micros=0),
            message_row(OPEN),
            message_row(WITHDRAWN),
        ],
        "attempt": [
            attempt(TWO, 1, user_message_reference=11, at_us=100),
            attempt(TWO, 1, 2, user_message_reference=11, at_us=300),
            attempt(TWO, 2, user_message_reference=12, at_us=200),
            attempt(OPEN, 1, user_message_reference=13, at_us=400),
            attempt(WITHDRAWN, 1, user_message_reference=14, at_us=500),
        ],
        "submit_result": [
            result(TWO, 1, 1, 0x58),
            result(TWO, 1, 2, 0, "A1"),
            result(TWO, 2, 1, 0, "A2"),
            result(WITHDRAWN, 1, 1, -2),
        ],
        "segment_outcome": [
            keyed_row(
                schema.segment_outcome,
                message_id,
                segment_no=segment_no,
                state=int(state),
                told_by=told_by,
                smsc_message_id=smsc_id,
                at_us=at_us,
            )
            for message_id, segment_no, state, told_by, smsc_id, at_us in (
                (TWO, 1, MessageState.DELIVERED, 1, "A1", 700),
                (TWO, 2, MessageState.EXPIRED, 1, "A2", 800),
                (WITHDRAWN, 1, MessageState.WITHDRAWN, 4, "", 900),
            )
        ],
        "message_final": [
            keyed_row(
                schema.message_final,
                TWO,
                sequence=1,
                state=int(MessageState.EXPIRED),
                segments_delivered=1,
                settled_micros=PRICE,
                released_micros=PRICE,
                at_us=800,
            ),
            keyed_row(
                schema.message_final,
                WITHDRAWN,
                sequence=2,
                state=int(MessageState.WITHDRAWN),
                released_micros=PRICE,
                at_us=900,
            ),
        ],
        "ledger_transfer": [
            transfer(TWO, TransferKind.HOLD, 2 * PRICE),
            transfer(TWO, TransferKind.SETTLE, PRICE),
            transfer(TWO, TransferKind.RELEASE, PRICE),
            transfer(WAITS, TransferKind.HOLD, PRICE),
            transfer(OPEN, TransferKind.HOLD, PRICE),
            transfer(WITHDRAWN, TransferKind.HOLD, PRICE),
            transfer(WITHDRAWN, TransferKind.RELEASE, PRICE),
            transfer(TOP_UP, TransferKind.TOP_UP, 10 * PRICE),
        ],
        "balance": [
            row(schema.balance, shard=SHARD, account_no=1, side=int(side), amount_micros=amount)
            for side, amount in (
                (LedgerAccount.AVAILABLE, 7 * PRICE),
                (LedgerAccount.HELD, 2 * PRICE),
                (LedgerAccount.REVENUE, PRICE),
                (LedgerAccount.FUNDING, -10 * PRICE),
            )
        ],
    }
    for table, some in rows.items():
        insert_rows(connection, schema.metadata.tables[table], some)
    seal_what_is_not(connection, SHARD)


def add_whole(connection: Connection, message_id: int = WHOLE_ONE) -> None:
    """A delivered message of three segments that left in one submit_sm: rows of segment 0."""
    named = {"segment_no": 0, "state": int(MessageState.DELIVERED), "told_by": 1, "at_us": 700}
    ended = {"sequence": 3, "state": int(MessageState.DELIVERED), "segments_delivered": 3, "at_us": 700}
    rows = {
        "message": [message_row(message_id, segment_count=3, price_micros=PRICE, held_micros=3 * PRICE)],
        "attempt": [attempt(message_id, 0, user_message_reference=21, at_us=100)],
        "submit_result": [result(message_id, 0, 1, 0, "W1")],
        "segment_outcome": [keyed_row(schema.segment_outcome, message_id, smsc_message_id="W1", **named)],
        "message_final": [keyed_row(schema.message_final, message_id, settled_micros=3 * PRICE, **ended)],
        "ledger_transfer": [
            transfer(message_id, TransferKind.HOLD, 3 * PRICE),
            transfer(message_id, TransferKind.SETTLE, 3 * PRICE),
        ],
    }
    for table, some in rows.items():
        insert_rows(connection, schema.metadata.tables[table], some)
