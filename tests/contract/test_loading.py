"""A start reads back exactly the work that is open."""

import pytest
from sqlalchemy import Connection
from store_rows import SHARD, ids, keyed_row, message_row

from operator_push.domain.consent import SMS, USSD
from operator_push.domain.contact_channels import CHANNEL_NUMBERS
from operator_push.services.open_messages import OpenMessage, OpenSegment
from operator_push.store import schema, statements
from operator_push.store.database import Database
from operator_push.store.loading import (
    OwedDelivery,
    StoredAttempt,
    StoredOutcome,
    highest_id,
    highest_sequence,
    newest_outcomes,
    open_attempts,
    open_messages,
    open_outcomes,
    owed_deliveries,
)
from operator_push.store.since import Since
from operator_push.store.statements import insert_rows

DELIVERED = 4
REFUSE = 3

OPEN, DONE, REFUSED, HALF = ids(4)


def fill(connection: Connection) -> None:
    """OPEN was tried twice; DONE is over; REFUSED never began; HALF has one of two segments delivered."""
    insert_rows(
        connection,
        schema.message,
        [
            message_row(OPEN),
            message_row(DONE),
            message_row(REFUSED, verdict=REFUSE, body=b""),
            message_row(HALF, segment_count=2, not_before_us=5),
        ],
    )
    insert_rows(
        connection,
        schema.attempt,
        [
            attempt(OPEN, 1, 1),
            attempt(OPEN, 1, 2),
            attempt(DONE, 1, 1),
            attempt(HALF, 1, 1, link_no=2),
            attempt(HALF, 2, 1),
        ],
    )
    insert_rows(
        connection,
        schema.submit_result,
        [
            result(OPEN, 1, 1, command_status=0x58),
            result(DONE, 1, 1, smsc_message_id="A1"),
            result(HALF, 1, 1, smsc_message_id="A2"),
        ],
    )
    insert_rows(
        connection,
        schema.segment_outcome,
        [outcome(DONE, 1, smsc_message_id="A1"), outcome(HALF, 1, smsc_message_id="A2")],
    )
    insert_rows(connection, schema.message_final, [keyed_row(schema.message_final, DONE, sequence=9)])


def attempt(message_id: int, segment_no: int, attempt_no: int, link_no: int = 1) -> tuple[object, ...]:
    named = {"segment_no": segment_no, "attempt_no": attempt_no, "link_no": link_no, "incarnation": 3}
    return keyed_row(schema.attempt, message_id, user_message_reference=0xFFFF, **named)


def result(message_id: int, segment_no: int, attempt_no: int, **named: object) -> tuple[object, ...]:
    return keyed_row(schema.submit_result, message_id, segment_no=segment_no, attempt_no=attempt_no, **named)


def outcome(message_id: int, segment_no: int, **named: object) -> tuple[object, ...]:
    return keyed_row(schema.segment_outcome, message_id, segment_no=segment_no, state=DELIVERED, **named)


def test_open_messages_come_back_whole(database: Database) -> None:
    database.run(fill)
    found = database.read(lambda connection: list(open_messages(connection, SHARD)))
    assert [message.message_id for message in found] == [OPEN, HALF]
    row = dict(zip((column.name for column in schema.message.columns), message_row(HALF), strict=True))
    expected = {name: row[name] for name in OpenMessage.__struct_fields__ if name in row}
    expected |= {"segment_count": 2, "not_before_us": 5}
    assert found[1] == OpenMessage(**expected, segments=[OpenSegment(1), OpenSegment(2)])


def test_an_open_message_keeps_its_channel(database: Database) -> None:
    database.run(fill)
    row = keyed_row(schema.message_channel, HALF, channel=CHANNEL_NUMBERS[USSD])
    database.run(lambda connection: insert_rows(connection, schema.message_channel, [row]))
    found = database.read(lambda connection: list(open_messages(connection, SHARD)))
    assert [message.channel for message in found] == [SMS, USSD]


def test_attempts_of_open_messages_come_with_their_answers(database: Database) -> None:
    database.run(fill)
    assert database.read(lambda connection: list(open_attempts(connection, SHARD))) == [
        StoredAttempt(OPEN, 1, 1, 1, 3, 0xFFFF, 0x58, ""),
        StoredAttempt(OPEN, 1, 2, 1, 3, 0xFFFF, None, ""),
        StoredAttempt(HALF, 1, 1, 2, 3, 0xFFFF, 0, "A2"),
        StoredAttempt(HALF, 2, 1, 1, 3, 0xFFFF, None, ""),
    ]


def test_ended_segments(database: Database) -> None:
    database.run(fill)
    half, done = StoredOutcome(HALF, 1, DELIVERED, "A2", 2), StoredOutcome(DONE, 1, DELIVERED, "A1", 1)
    assert database.read(lambda connection: list(open_outcomes(connection, SHARD))) == [half]
    assert database.read(lambda connection: newest_outcomes(connection, SHARD, 10)) == [half, done]
    assert database.read(lambda connection: newest_outcomes(connection, SHARD, 1)) == [half]


def test_other_shards_and_closed_days_are_not_read(database: Database) -> None:
    database.run(fill)
    day = message_row(OPEN)[1]
    for readers in (open_messages, open_attempts, open_outcomes):
        assert database.read(lambda connection, read=readers: list(read(connection, SHARD + 1))) == []
        assert (
            database.read(lambda connection, read=readers: list(read(connection, SHARD, Since(day + 1))))
            == []
        )
        assert database.read(lambda connection, read=readers: list(read(connection, SHARD, Since(day)))) != []


def test_pages_lose_and_repeat_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "PAGE_ROWS", 7)
    wanted = ids(100)
    database.run(
        lambda connection: insert_rows(connection, schema.message, [message_row(each) for each in wanted])
    )
    found = database.read(lambda connection: [each.message_id for each in open_messages(connection, SHARD)])
    assert found == wanted


def test_owed_deliveries_are_those_without_acknowledgement(database: Database) -> None:
    first, second, third = ids(3)
    owed = [
        keyed_row(schema.esme_delivery, each, account_no=7, kind=1, body=b"pdu")
        for each in (first, second, third)
    ]

    def work(connection: Connection) -> list[OwedDelivery]:
        insert_rows(connection, schema.esme_delivery, owed)
        insert_rows(connection, schema.esme_delivery_ack, [keyed_row(schema.esme_delivery_ack, second)])
        return list(owed_deliveries(connection, SHARD))

    day = owed[0][1]
    assert database.run(work) == [
        OwedDelivery(first, day, 7, 1, 0, b"pdu"),
        OwedDelivery(third, day, 7, 1, 0, b"pdu"),
    ]


def test_highest_id_is_over_all_tables_of_the_shard(database: Database) -> None:
    assert database.read(lambda connection: highest_id(connection, SHARD)) == 0
    for table, identifier in zip(schema.LARGE_TABLES, ids(len(schema.LARGE_TABLES)), strict=True):
        row = keyed_row(table, identifier)
        database.run(lambda connection, table=table, row=row: insert_rows(connection, table, [row]))
        assert database.read(lambda connection: highest_id(connection, SHARD)) == identifier
    assert database.read(lambda connection: highest_id(connection, SHARD + 1)) == 0


def test_highest_sequence(database: Database) -> None:
    assert database.read(lambda connection: highest_sequence(connection, SHARD)) == 0
    database.run(fill)
    assert database.read(lambda connection: highest_sequence(connection, SHARD)) == 9
