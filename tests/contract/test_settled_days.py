"""What a start need not read again: nothing open, owed or newer is ever behind the mark."""

import pytest
from store_rows import SHARD, keyed_row, message_row

from operator_push.kernel.ids import IdSequence, id_day
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.loading import highest_sequence
from operator_push.store.settled_days import (
    NONE_SETTLED,
    SettledDays,
    set_settled_days,
    settle_days,
    settled_days,
)
from operator_push.store.since import Since
from operator_push.store.statements import insert_rows

DAY_US = 86_400 * 1_000_000
NOON_US = 1_790_000_000 * 1_000_000
FIRST, SECOND, THIRD = (IdSequence(SHARD).next_id(NOON_US + day * DAY_US) for day in range(3))
FIRST_DAY = id_day(FIRST)
LATER = FIRST_DAY + 100


def mark_of(database: Database) -> SettledDays:
    return database.read(lambda connection: settled_days(connection, SHARD))


def write(database: Database, *messages: int, ended: tuple[int, ...] = ()) -> None:
    """Messages on disk; the ended ones with a final row whose sequence is their place from 1."""

    def work(connection):  # type: ignore[no-untyped-def]
        insert_rows(connection, schema.message, [message_row(each) for each in messages])
        finals = [final(each, place) for place, each in enumerate(ended, 1)]
        insert_rows(connection, schema.message_final, finals)

    database.run(work)


def final(message_id: int, sequence: int) -> tuple[object, ...]:
    return keyed_row(
        schema.message_final,
        message_id,
        sequence=sequence,
        state=4,
        segments_delivered=1,
        settled_micros=0,
        released_micros=0,
        at_us=0,
    )


def test_an_empty_store_has_no_mark_that_hides_anything(database: Database) -> None:
    assert mark_of(database) == NONE_SETTLED
    assert settle_days(database, SHARD, LATER) <= FIRST_DAY


def test_the_mark_stops_at_the_oldest_open_message(database: Database) -> None:
    write(database, FIRST, SECOND, THIRD, ended=(FIRST, THIRD))
    assert settle_days(database, SHARD, LATER) == id_day(SECOND)
    assert mark_of(database) == SettledDays(id_day(SECOND), 2)


def test_the_mark_stops_at_what_an_esme_is_owed(database: Database) -> None:
    write(database, SECOND, THIRD, ended=(SECOND, THIRD))
    owed = keyed_row(schema.esme_delivery, FIRST, account_no=1, kind=1, message_id=SECOND, body=b"")
    database.run(lambda connection: insert_rows(connection, schema.esme_delivery, [owed]))
    assert settle_days(database, SHARD, LATER) == FIRST_DAY
    ack = keyed_row(schema.esme_delivery_ack, FIRST, outcome=1, at_us=0)
    database.run(lambda connection: insert_rows(connection, schema.esme_delivery_ack, [ack]))
    assert settle_days(database, SHARD, LATER) == id_day(THIRD)


def test_a_clock_that_is_ahead_does_not_carry_the_mark_beyond_the_highest_id(database: Database) -> None:
    write(database, FIRST, ended=(FIRST,))
    assert settle_days(database, SHARD, LATER) == FIRST_DAY  # the next id may still be of this day


def test_the_mark_never_goes_back(database: Database) -> None:
    for mark in (SettledDays(50, 7), SettledDays(49, 99), SettledDays(50, 99)):
        database.run(lambda connection, mark=mark: set_settled_days(connection, SHARD, mark))
    assert mark_of(database) == SettledDays(50, 7)


@pytest.mark.parametrize("ended", [(FIRST, SECOND, THIRD), (THIRD, SECOND, FIRST)], ids=["in order", "late"])
def test_the_highest_sequence_is_found_behind_and_before_the_mark(
    database: Database, ended: tuple[int, ...]
) -> None:
    write(database, FIRST, SECOND, THIRD, ended=ended)
    settle_days(database, SHARD, LATER)
    mark = mark_of(database)
    assert mark.until_day == id_day(THIRD)
    highest = database.read(
        lambda connection: highest_sequence(connection, SHARD, Since(mark.until_day), mark.sequence)
    )
    assert highest == 3
