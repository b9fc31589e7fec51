"""The run of every minute: it marks only what was on disk a while ago, nothing while the store is stuck."""

from pathlib import Path
from typing import Any

import pytest
from store_rows import SHARD, ids, message_row
from threadless_clock import ThreadlessClock, settings

from operator_push.bootstrap.marking import BEHIND_S, EVERY_S, Marking
from operator_push.kernel.errors import ResourceError
from operator_push.store import migrate, schema
from operator_push.store.database import Database
from operator_push.store.open_marks import read_since
from operator_push.store.statements import insert_rows

FIRST, SECOND = ids(2)


class StoreThread:
    """A store's thread without a thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.broken = False

    def submit(self, work, done) -> None:  # type: ignore[no-untyped-def]
        done(ResourceError("the disk is full") if self.broken else self._database.run(work))


class Room:
    """A store, the run over it and its clock."""

    def __init__(self, folder: Path) -> None:
        asked = settings(folder, 0)
        migrate.upgrade(asked.database_url)
        self.database = Database.open(asked.database_url)
        self.clock, self.stalled = ThreadlessClock(), False
        self.write(FIRST)
        self.reader, self.writer = StoreThread(self.database), StoreThread(self.database)
        threads: Any = self.reader, self.writer
        self.marking = Marking(self.clock, SHARD, threads, lambda: self.stalled, FIRST)
        self.marking.start()

    def write(self, message_id: int) -> None:
        rows = [message_row(message_id)]
        self.database.run(lambda connection: insert_rows(connection, schema.message, rows))

    def minutes(self, count: int) -> int:
        """Let so many runs happen; up to which id what is open is marked then."""
        for _ in range(count):
            self.clock.advance(EVERY_S)
        return self.database.read(lambda connection: read_since(connection, SHARD)).mark.above_id


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_what_the_start_found_is_marked_first(room: Room) -> None:
    assert room.minutes(1) == FIRST


def test_what_came_since_is_marked_after_a_while(room: Room) -> None:
    room.write(SECOND)
    behind = int(BEHIND_S / EVERY_S)
    assert room.minutes(behind) == FIRST
    assert room.minutes(1) == SECOND


def test_a_store_that_takes_no_commit_moves_nothing(room: Room) -> None:
    room.write(SECOND)
    room.minutes(2)
    room.stalled = True
    assert room.minutes(10) == FIRST
    room.stalled = False
    behind = int(BEHIND_S / EVERY_S)
    assert room.minutes(behind) == FIRST
    assert room.minutes(1) == SECOND


def test_a_stopped_run_leaves_no_timer(room: Room) -> None:
    room.marking.stop()
    assert not room.clock.getDelayedCalls()


@pytest.mark.parametrize("broken", ["reader", "writer"])
def test_a_store_that_fails_is_told_and_asked_again(
    room: Room, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    thread = getattr(room, broken)
    thread.broken = True
    assert room.minutes(1) == 0
    assert "the disk is full" in caplog.text
    thread.broken = False
    room.minutes(int(BEHIND_S / EVERY_S))
    assert room.minutes(1) == FIRST
