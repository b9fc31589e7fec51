"""Proof rows: whole messages out of rows, on both databases."""

import pytest
from proof_sample import OPEN, PRICE, TWO, WAITS, WHOLE_ONE, WITHDRAWN, add_whole, fill
from sqlalchemy import Connection
from store_rows import SHARD

from operator_push.domain.message import MessageState
from operator_push.services.reconcile import OurMoney, OurSegment, SmscRecord, reconcile
from operator_push.store import proof_rows, stored_messages
from operator_push.store.database import Database


@pytest.fixture
def filled(database: Database) -> Database:
    database.run(fill)
    return database


def test_messages_come_whole_and_in_order(filled: Database) -> None:
    messages = filled.read(lambda connection: list(proof_rows.our_messages(connection, SHARD)))
    assert [message.message_id for message in messages] == [TWO, WAITS, OPEN, WITHDRAWN]
    two, waits, unanswered, withdrawn = messages
    assert two.money == OurMoney(2 * PRICE, PRICE, PRICE)
    assert [segment.state for segment in two.segments] == [MessageState.DELIVERED, MessageState.EXPIRED]
    assert [segment.smsc_message_id for segment in two.segments] == ["A1", "A2"]
    assert [segment.attempts for segment in two.segments] == [2, 1]
    assert (two.segments[0].first_attempt_us, two.segments[0].last_attempt_us) == (100, 300)
    assert all(segment.taken and not segment.unanswered for segment in two.segments)
    assert [message.is_final for message in messages] == [True, False, False, True]
    assert waits.segments[0].state == MessageState.ACCEPTED
    assert waits.segments[0].user_message_reference == -1
    assert unanswered.segments[0].state == MessageState.UNKNOWN
    assert unanswered.segments[0].unanswered
    assert unanswered.segments[0].user_message_reference == 13
    assert withdrawn.segments[0].attempts == 0  # its octets never left
    assert not withdrawn.segments[0].taken


def test_a_message_that_left_whole_is_one_side_of_the_join_with_all_its_segments(database: Database) -> None:
    database.run(fill)
    database.run(add_whole)
    messages = database.read(lambda connection: list(proof_rows.our_messages(connection, SHARD)))
    (message,) = (message for message in messages if message.message_id == WHOLE_ONE)
    (segment,) = message.segments
    assert (segment.segment_no, segment.count, segment.parts) == (0, 3, 1)
    assert (message.price_micros, segment.price_micros) == (3 * PRICE, 3 * PRICE)
    assert (segment.smsc_message_id, segment.user_message_reference) == ("W1", 21)
    assert (segment.state, segment.attempts, segment.taken) == (MessageState.DELIVERED, 1, True)
    found = reconcile([message], [record_of(segment)])
    assert (found.segments_ledger, found.segments_smsc, found.matched) == (3, 3, 3)


def record_of(segment: OurSegment) -> SmscRecord:
    """The row of an SMSC that delivered it."""
    taken_us = segment.last_attempt_us
    named = (segment.source, segment.destination, segment.user_message_reference)
    delivered = MessageState.DELIVERED
    return SmscRecord(segment.smsc_message_id, "op", *named, taken_us, taken_us + 1, delivered, "0")


def test_one_message_is_read_by_its_key(filled: Database) -> None:
    def read(connection: Connection) -> list[stored_messages.StoredMessage]:
        return list(stored_messages.stored_messages(connection, SHARD, refused=True, message_id=TWO))

    (stored,) = filled.read(read)
    assert stored.row.source == "56070"
    assert [attempt.command_status for attempt in stored.attempts] == [0x58, 0, 0]
    assert stored.final is not None
    assert stored.final.segments_delivered == 1
    assert [transfer.kind.name for transfer in stored.transfers] == ["HOLD", "SETTLE", "RELEASE"]


def test_other_shards_are_not_read(filled: Database) -> None:
    assert filled.read(lambda connection: list(proof_rows.our_messages(connection, SHARD + 1))) == []
