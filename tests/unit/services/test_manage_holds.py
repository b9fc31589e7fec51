"""Emergency stops: held, released or cancelled, with every micro where it belongs."""

from collections.abc import Iterable

import pytest
from shard import ACCOUNT, NOW_US, PRICE_MICROS, Shard

from operator_push.domain.message import MessageState
from operator_push.kernel.errors import OperatorError
from operator_push.services.cancel_message import CancelMessage
from operator_push.services.changes import Changes
from operator_push.services.holds import Aside, HoldScope
from operator_push.services.manage_holds import HoldEffect, ManageHolds
from operator_push.services.shown_ids import ShownIds


@pytest.fixture
def shard() -> Shard:
    return Shard()


@pytest.fixture
def holds(shard: Shard) -> ManageHolds:
    cancel = CancelMessage(
        shard.messages, ShownIds(0), shard.finish, shard.policy, lambda: (1,), lambda message: ""
    )

    def put_back(waiting: Iterable[Aside], now_us: int, changes: Changes) -> None:
        for message, segments in waiting:
            shard.outbox.queue(message, segments)

    return ManageHolds(shard.holds, shard.messages, cancel.withdraw, put_back, lambda message: "main")


def leaves(shard: Shard) -> int:
    return len(shard.outbox.fill(100, NOW_US, shard.changes))


def test_a_stopped_account_sends_nothing_until_its_release(shard: Shard, holds: ManageHolds) -> None:
    shard.accept(shard.offer(1), shard.offer(2))
    effect = holds.hold(HoldScope.ACCOUNT, ACCOUNT, "ann", NOW_US, shard.changes)
    assert effect == HoldEffect(waiting=2, cancelled=0, at_smsc=0)
    assert leaves(shard) == 0
    assert shard.balances.held(ACCOUNT) == 2 * PRICE_MICROS
    holds.release(HoldScope.ACCOUNT, ACCOUNT, "bob", NOW_US, shard.changes)
    assert shard.balances.held(ACCOUNT) == 2 * PRICE_MICROS  # not billed twice
    assert [row["held"] for table, row in shard.changes.upserts if table == "traffic_hold"] == [True, False]
    attempts = shard.outbox.fill(100, NOW_US, shard.changes)
    assert len(attempts) == 1  # one line keeps its order
    shard.outbox.answered(attempts[0], 0, "1", NOW_US, shard.changes)
    assert leaves(shard) == 1


def test_a_hold_twice_is_written_once(shard: Shard, holds: ManageHolds) -> None:
    for _ in range(2):
        holds.hold(HoldScope.ACCOUNT, ACCOUNT, "ann", NOW_US, shard.changes)
    assert len(shard.changes.upserts) == 1


def test_what_is_at_the_smsc_is_told_and_left(shard: Shard, holds: ManageHolds) -> None:
    shard.accept(shard.offer(1))
    assert leaves(shard) == 1
    effect = holds.hold(HoldScope.ACCOUNT, ACCOUNT, "ann", NOW_US, shard.changes)
    assert (effect.waiting, effect.at_smsc) == (0, 1)
    assert holds.cancel(HoldScope.ACCOUNT, ACCOUNT, NOW_US, shard.changes).cancelled == 0
    assert shard.ends == []


def test_a_cancelled_stop_gives_the_money_back(shard: Shard, holds: ManageHolds) -> None:
    shard.accept(shard.offer(1), shard.offer(2))
    holds.hold(HoldScope.ACCOUNT, ACCOUNT, "ann", NOW_US, shard.changes)
    leaves(shard)  # set aside
    effect = holds.cancel(HoldScope.ACCOUNT, ACCOUNT, NOW_US, shard.changes)
    assert (effect.waiting, effect.cancelled) == (2, 2)
    assert [state for _, state in shard.ends] == [MessageState.DELETED] * 2
    assert shard.balances.held(ACCOUNT) == 0
    holds.release(HoldScope.ACCOUNT, ACCOUNT, "ann", NOW_US, shard.changes)
    assert leaves(shard) == 0


def test_one_message_is_held_and_the_others_leave(shard: Shard, holds: ManageHolds) -> None:
    held, _ = shard.accept(
        shard.offer(1, destination="919812345671"), shard.offer(2, destination="919812345672")
    )
    holds.hold(HoldScope.MESSAGE, held.message_id, "ann", NOW_US, shard.changes)
    assert leaves(shard) == 1
    with pytest.raises(OperatorError, match="no open message has the id 5"):
        holds.hold(HoldScope.MESSAGE, 5, "ann", NOW_US, shard.changes)
    with pytest.raises(OperatorError, match="no open message has the id 5"):
        holds.cancel(HoldScope.MESSAGE, 5, NOW_US, shard.changes)


def test_what_another_hold_names_stays_held(shard: Shard, holds: ManageHolds) -> None:
    (one,) = shard.accept(shard.offer(1))
    holds.hold(HoldScope.ACCOUNT, ACCOUNT, "ann", NOW_US, shard.changes)
    holds.hold(HoldScope.MESSAGE, one.message_id, "ann", NOW_US, shard.changes)
    leaves(shard)
    holds.release(HoldScope.ACCOUNT, ACCOUNT, "ann", NOW_US, shard.changes)
    assert leaves(shard) == 0
    holds.release(HoldScope.MESSAGE, one.message_id, "ann", NOW_US, shard.changes)
    assert leaves(shard) == 1


def test_a_hold_of_a_message_that_has_ended_since_can_be_released(shard: Shard, holds: ManageHolds) -> None:
    (one,) = shard.accept(shard.offer(1))
    holds.hold(HoldScope.MESSAGE, one.message_id, "ann", NOW_US, shard.changes)
    holds.cancel(HoldScope.MESSAGE, one.message_id, NOW_US, shard.changes)
    effect = holds.release(HoldScope.MESSAGE, one.message_id, "ann", NOW_US, shard.changes)
    assert effect == HoldEffect(0, 0, 0)


def test_the_queue_is_counted_by_link_account_campaign_class_and_hold(
    shard: Shard, holds: ManageHolds
) -> None:
    held, _, _ = shard.accept(shard.offer(1), shard.offer(2, segment_count=2), shard.offer(3))
    holds.hold(HoldScope.MESSAGE, held.message_id, "ann", NOW_US, shard.changes)
    stopped, waiting = holds.queue()
    assert (stopped.held, stopped.messages, stopped.segments) == (True, 1, 1)
    assert (waiting.held, waiting.messages, waiting.segments) == (False, 2, 3)
    assert (waiting.link, waiting.account_no, waiting.oldest_us) == ("main", ACCOUNT, NOW_US)
    assert holds.queue(lambda message: message.message_id == held.message_id) == [stopped]
