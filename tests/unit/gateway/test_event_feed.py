"""Sinks hear of every end in order, at least once; a cursor moves only with what was taken."""

from collections.abc import Callable, Sequence

import pytest

from operator_push.gateway.committer import Committer
from operator_push.gateway.event_feed import SinkFeed
from operator_push.kernel.errors import ResourceError
from operator_push.services.changes import Changes
from operator_push.services.ports import DeliveryEvent


def event(sequence: int) -> DeliveryEvent:
    return DeliveryEvent(sequence, sequence * 10, "shop", "DELIVERED", "a", 1, 100, 0)


class Memory:
    """Takes every write at once, and remembers cursors."""

    def __init__(self) -> None:
        self.cursors: list[int] = []

    def write(self, changes: Changes, done: Callable[[BaseException | None], None]) -> None:
        self.cursors += [int(str(row["sequence"])) for _, row in changes.upserts]
        done(None)


class Sink:
    def __init__(self) -> None:
        self.taken: list[int] = []
        self.away = False

    async def publish(self, events: Sequence[DeliveryEvent]) -> None:
        if self.away:
            raise ResourceError("away")
        self.taken += [each.sequence for each in events]

    async def close(self) -> None:
        return None


class Rows:
    """What is stored; may be unreadable."""

    def __init__(self) -> None:
        self.sequences: list[int] = []
        self.readable = True

    def read(self, above: int, limit: int, told: Callable[[Sequence[DeliveryEvent] | None], None]) -> None:
        found = [event(sequence) for sequence in self.sequences if sequence > above][:limit]
        told(found if self.readable else None)


class Bench:
    def __init__(self, cursor: int = 0) -> None:
        self.memory, self.sink, self.rows = Memory(), Sink(), Rows()
        self.later: list[Callable[[], None]] = []

        def fail(error: BaseException) -> None:
            raise AssertionError(error)

        committer = Committer(self.memory, lambda seconds, call: self.later.append(call), fail)
        self.feed = SinkFeed(
            "hook", self.sink, 2, 0, cursor, self.rows.read, committer,
            lambda seconds, call: self.later.append(call),
        )  # fmt: skip

    def end(self, sequence: int) -> None:
        self.rows.sequences.append(sequence)
        self.feed.offer(event(sequence))


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_what_the_last_run_left_comes_first_in_batches(bench: Bench):
    bench.rows.sequences = [1, 2, 3, 4, 5]
    bench.feed.start()
    assert bench.sink.taken == [1, 2, 3, 4, 5]
    assert bench.memory.cursors == [2, 4, 5]


def test_new_ends_follow_without_reading_rows(bench: Bench):
    bench.feed.start()
    bench.rows.readable = False
    for sequence in (1, 2, 3):
        bench.end(sequence)
    assert bench.sink.taken == [1, 2, 3]


def test_a_sink_that_was_away_gets_everything_later(bench: Bench):
    bench.feed.start()
    bench.sink.away = True
    for sequence in (1, 2, 3):
        bench.end(sequence)
    assert bench.sink.taken == []
    assert bench.memory.cursors == []
    bench.sink.away = False
    bench.later.pop()()
    assert bench.sink.taken == [1, 2, 3]


def test_rows_that_cannot_be_read_now_are_not_skipped(bench: Bench):
    bench.rows.sequences = [1, 2]
    bench.rows.readable = False
    bench.feed.start()
    assert bench.sink.taken == []
    bench.rows.readable = True
    bench.later.pop()()
    assert bench.sink.taken == [1, 2]


def test_a_cursor_skips_what_was_taken_before():
    bench = Bench(cursor=3)
    bench.rows.sequences = [2, 3, 4]
    bench.feed.start()
    assert bench.sink.taken == [4]
