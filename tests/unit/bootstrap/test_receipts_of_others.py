"""What came over the binds of other servers: read once each, applied where it is ours, never in a circle."""

from typing import Any

import pytest
from shard import LINK, NOW_US, Shard
from twisted.internet.task import Clock

from operator_push.bootstrap import receipts_of_others
from operator_push.bootstrap.receipts_of_others import ALONE_S, AT_ONCE, EVERY_S, MORE_S, ReceiptsOfOthers
from operator_push.domain.message import MessageState
from operator_push.services.open_messages import OpenMessage
from operator_push.store.stray_rows import Stray

DELIVERED = MessageState.DELIVERED


class Committer:
    """Stands for the gateway's; its changes are those of the shard."""

    def __init__(self, shard: Shard) -> None:
        self.changes = shard.changes
        self.kicks = 0

    def kick(self) -> None:
        self.kicks += 1


class Reader:
    """Stands for the reading thread; gives what it was told to."""

    def __init__(self) -> None:
        self.done: Any = None

    def submit(self, work: object, done: object) -> None:
        self.done = done


def others(shard: Shard, clock: Clock | None = None) -> tuple[ReceiptsOfOthers, Committer, Reader]:
    committer, reader = Committer(shard), Reader()
    parts: tuple[Any, ...] = (clock or Clock(), 0, reader, shard.receipts, committer, NOW_US, lambda: NOW_US)
    return ReceiptsOfOthers(*parts), committer, reader


def sent(shard: Shard, smsc_id: str = "") -> OpenMessage:
    (accepted,) = shard.accept(shard.offer())
    message = accepted.message
    assert message is not None
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    if smsc_id:
        shard.outbox.answered(attempt, 0, smsc_id, NOW_US, shard.changes)
    return message


def stray(smsc_id: str, receipt_id: int = 7, state: MessageState = DELIVERED) -> Stray:
    return Stray(1, receipt_id, LINK, smsc_id, int(state), NOW_US)


def test_a_receipt_of_ours_ends_its_message_once_and_another_one_is_left_alone() -> None:
    shard = Shard()
    message = sent(shard, "A1")
    reading, committer, _ = others(shard)
    assert reading.hear([[stray("A1", 7), stray("Z9", 8), stray("A1", 9)]]) == EVERY_S
    assert shard.ends == [(message.message_id, DELIVERED)]
    assert (committer.kicks, shard.changes.receipt_aside) == (1, [])  # nothing that others would read again
    assert shard.meters.value("receipt.of_others") == 1


def test_a_receipt_that_comes_before_our_response_waits_for_it() -> None:
    shard = Shard()
    shard.accept(shard.offer())
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    reading, _, _ = others(shard)
    reading.hear([[stray("A1")]])
    assert shard.ends == []
    shard.outbox.answered(attempt, 0, "A1", NOW_US, shard.changes)
    shard.receipts.answered(LINK, "A1", NOW_US, shard.changes)
    assert [state for _, state in shard.ends] == [DELIVERED]


def test_it_looks_rarely_while_it_is_alone_and_at_once_where_there_is_more() -> None:
    shard = Shard()
    reading, _, _ = others(shard)
    assert reading.hear([]) == ALONE_S
    assert reading.hear([[]]) == EVERY_S
    assert reading.hear([[stray(f"Z{number}", number) for number in range(AT_ONCE)]]) == MORE_S


def test_each_is_read_after_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(receipts_of_others, "other_shards", lambda connection, shard: [1, 2])
    monkeypatch.setattr(
        receipts_of_others,
        "strays_since",
        lambda connection, shard, above, limit: asked.append((shard, above)) or [],
    )
    reading, _, _ = others(Shard())
    reading.read(None)  # type: ignore[arg-type]
    reading.hear([[stray("Z9", 77)]])
    reading.read(None)  # type: ignore[arg-type]
    assert asked[0][1] == asked[1][1] > 0
    assert asked[2:] == [(1, 77), asked[1]]


def test_a_store_that_cannot_be_read_is_read_later_and_a_stop_ends_it() -> None:
    clock = Clock()
    reading, _, reader = others(Shard(), clock)
    reading.start()
    clock.advance(EVERY_S)
    reader.done(OSError("gone"))
    assert [call.getTime() - clock.seconds() for call in clock.getDelayedCalls()] == [EVERY_S]
    reading.stop()
    reader.done([])
    assert clock.getDelayedCalls() == []


def test_without_an_id_nothing_speaks_for_the_only_message_that_waits() -> None:
    shard = Shard()
    sent(shard)
    reading, _, _ = others(shard)
    reading.hear([[stray("")]])
    assert shard.ends == []
