"""A store's rows as a newer version writes them: what can stand in the rows of its messages, put there.

With a small store to try it on, and what every reader of such rows sees.
"""

from typing import Any

from proof_sample import attempt, result
from sqlalchemy import Connection
from store_rows import NOON_US, SHARD, ids, keyed_row, message_row, row

from operator_push.domain.message import MessageState
from operator_push.kernel.ids import id_day
from operator_push.store import loading, schema
from operator_push.store.archive import why_not_closed
from operator_push.store.event_rows import events_above
from operator_push.store.held_rows import open_holds, sent_of_expired
from operator_push.store.message_search import Wanted, find_messages
from operator_push.store.settled_days import _oldest_owed
from operator_push.store.shown_rows import messages_shown_as
from operator_push.store.statements import insert_rows
from operator_push.store.stored_messages import stored_messages
from operator_push.store.stories import story_of
from operator_push.store.story_octets import kept_pdus

ONE_SEGMENT = (
    "EXISTS (SELECT 1 FROM message AS o WHERE o.shard = {0}.shard AND o.day = {0}.day "
    "AND o.message_id = {0}.message_id AND o.segment_count = 1) AND {0}.segment_no = 1"
)
_SAME = "{0}.shard = {1}.shard AND {0}.day = {1}.day AND {0}.message_id = {1}.message_id"
_FIRST = f"attempt.attempt_no = 1 AND {ONE_SEGMENT.format('attempt')}"
_ENDED = f"EXISTS (SELECT 1 FROM message_final AS f WHERE {_SAME.format('f', 'segment_outcome')})"
_END = f"{ONE_SEGMENT.format('segment_outcome')} AND segment_outcome.told_by <> 0 AND {_ENDED}"
_RECEIPT = (
    "esme_delivery.kind = 1 AND EXISTS (SELECT 1 FROM message_final AS f WHERE "
    f"{_SAME.format('f', 'esme_delivery')})"
)


def fold(connection: Connection) -> None:
    """Move what may stand there of attempts, ends and receipts into the rows of their messages."""
    _move(
        connection,
        "message",
        "attempt",
        {
            "sent_link_no": "link_no",
            "sent_incarnation": "incarnation",
            "sent_reference": "user_message_reference",
            "sent_us": "at_us",
        },
        _FIRST,
    )
    same = {name: name for name in ("told_by", "smsc_message_id", "error_code", "at_us")}
    _move(connection, "message_final", "segment_outcome", same, _END)
    _move(
        connection,
        "message_final",
        "esme_delivery",
        {"receipt_id": "delivery_id", "receipt": "body"},
        _RECEIPT,
    )


def _move(connection: Connection, into: str, table: str, columns: dict[str, str], which: str) -> None:
    """Each row of `table` of which `which` is true into the row of its message; then it is gone."""
    for to, column in columns.items():
        found = f"SELECT min({table}.{column}) FROM {table} WHERE {_SAME.format(table, into)} AND {which}"
        if column == "body":  # PostgreSQL knows no least octets
            found = found.replace("min(", "(")
        connection.exec_driver_sql(
            f"UPDATE {into} SET {to} = ({found}) "
            f"WHERE EXISTS (SELECT 1 FROM {table} WHERE {_SAME.format(table, into)} AND {which})"
        )
    connection.exec_driver_sql(f"DELETE FROM {table} WHERE {which}")


WAITS, SENT, TAKEN, RETRIED, LONG, DONE, ACKED, FAILED, DONE_RECEIPT, ACKED_RECEIPT, MO = ids(11)
DAY = id_day(WAITS)
DELIVERED, REJECTED = int(MessageState.DELIVERED), int(MessageState.REJECTED)
MESSAGES = (WAITS, SENT, TAKEN, RETRIED, LONG, DONE, ACKED, FAILED)


def fill(connection: Connection) -> None:
    """Five messages that are open, two delivered, one refused by the SMSC; one receipt is still owed."""
    at = {"at_us": NOON_US}
    ended = [
        (DONE, 1, DELIVERED, "D1", ""),
        (ACKED, 1, DELIVERED, "A1", ""),
        (FAILED, 2, REJECTED, "", "0000000B"),
    ]
    rows: dict[str, list[tuple[Any, ...]]] = {
        "account": [row(schema.account, account_no=1, name="chai", kind="esme", currency="INR")],
        "message": [
            *(message_row(each) for each in MESSAGES if each != LONG),
            message_row(LONG, segment_count=2),
        ],
        "attempt": [
            attempt(SENT, 1, user_message_reference=1, **at),
            attempt(TAKEN, 1, user_message_reference=2, link_no=2, **at),
            attempt(RETRIED, 1, user_message_reference=3, **at),
            attempt(RETRIED, 1, 2, user_message_reference=3, at_us=NOON_US + 7),
            attempt(LONG, 1, user_message_reference=4, **at),
            attempt(LONG, 2, user_message_reference=5, **at),
            attempt(DONE, 1, user_message_reference=6, **at),
            attempt(ACKED, 1, user_message_reference=7, link_no=2, **at),
            attempt(FAILED, 1, user_message_reference=8, **at),
        ],
        "submit_result": [
            result(TAKEN, 1, 1, 0, "T1"),
            result(RETRIED, 1, 1, -2),
            result(LONG, 1, 1, 0, "L1"),
            result(DONE, 1, 1, 0, "D1"),
            result(ACKED, 1, 1, 0, "A1"),
            result(FAILED, 1, 1, 11),
        ],
        "segment_outcome": [
            keyed_row(
                schema.segment_outcome,
                message_id,
                segment_no=1,
                state=state,
                told_by=told_by,
                smsc_message_id=smsc_id,
                error_code=error,
                **at,
            )
            for message_id, told_by, state, smsc_id, error in [*ended, (LONG, 1, DELIVERED, "L1", "")]
        ],
        "message_final": [
            keyed_row(schema.message_final, message_id, sequence=sequence, state=state, **at)
            for sequence, (message_id, _, state, _, _) in enumerate(ended, 1)
        ],
        "esme_delivery": [
            keyed_row(schema.esme_delivery, delivery_id, account_no=1, kind=kind, message_id=of, body=body)
            for delivery_id, kind, of, body in (
                (DONE_RECEIPT, 1, DONE, b"done"),
                (ACKED_RECEIPT, 1, ACKED, b"\x00\xff"),
                (MO, 2, MO, b"mo"),
            )
        ],
        "esme_delivery_ack": [
            keyed_row(schema.esme_delivery_ack, each, outcome=1, at_us=9) for each in (ACKED_RECEIPT, MO)
        ],
        "expired_hold": [
            row(schema.expired_hold, shard=SHARD, message_id=FAILED, account_no=1, expired_us=NOON_US)
        ],
    }
    for table, some in rows.items():
        insert_rows(connection, schema.metadata.tables[table], some)


def what_readers_see(connection: Connection) -> dict[str, Any]:
    named = [column.name for column in schema.message.columns if column.name.startswith("sent_")]
    return {
        "stored": [
            (
                [value for name, value in each.row._mapping.items() if name not in named],
                (each.attempts, each.outcomes, each.final, each.is_whole),
            )
            for each in stored_messages(connection, SHARD)
        ],
        "one": [next(stored_messages(connection, SHARD, message_id=each)).attempts for each in MESSAGES],
        "attempts": list(loading.open_attempts(connection, SHARD)),
        "open outcomes": list(loading.open_outcomes(connection, SHARD)),
        "outcomes": [loading.newest_outcomes(connection, SHARD, limit) for limit in (1, 2, 9)],
        "owed": list(loading.owed_deliveries(connection, SHARD)),
        "reference": loading.last_reference(connection, SHARD),
        "highest": loading.highest_id(connection, SHARD),
        "holds": open_holds(connection, SHARD, 0, 99),
        "expired": list(sent_of_expired(connection, SHARD, 0, {})),
        "events": events_above(connection, SHARD, 0, 99),
        "known": [messages_shown_as(connection, SHARD, each) for each in MESSAGES],
        "found": [
            find_messages(connection, SHARD, Wanted(smsc_ids=(each,)), DAY, DAY)
            for each in ("T1", "L1", "D1", "A1")
        ],
        "told": [
            story.deliveries for each in MESSAGES if (story := story_of(connection, SHARD, each)) is not None
        ],
        "octets": [kept_pdus(connection, SHARD, DAY, each) for each in MESSAGES],
        "waits": why_not_closed(connection, SHARD, DAY),
        "oldest": _oldest_owed(connection, SHARD, 0),
    }
