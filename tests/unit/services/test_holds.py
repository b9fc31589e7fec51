"""What a hold stops, and that nothing is in line twice because of one."""

from shard import ACCOUNT, NOW_US, SECOND_US, Shard

from operator_push.domain.message import MessageState
from operator_push.services.holds import HoldScope, TrafficHolds
from operator_push.services.open_messages import OpenMessage

FOREVER_US = NOW_US + 10**15


def accepted(shard: Shard, segment_count: int = 1) -> OpenMessage:
    (one,) = shard.accept(shard.offer(segment_count=segment_count))
    assert one.message is not None
    return one.message


def test_each_scope_stops_its_own():
    shard = Shard()
    message = accepted(shard)
    for scope, number in (
        (HoldScope.ACCOUNT, ACCOUNT),
        (HoldScope.CAMPAIGN, message.campaign_no),
        (HoldScope.MESSAGE, message.message_id),
    ):
        holds = TrafficHolds([(scope, number)])
        assert holds.active
        assert holds.stops(message)
        assert holds.remove(scope, number)
        assert not holds.remove(scope, number)
        assert not holds.active
        assert not TrafficHolds([(scope, number + 1)]).stops(message)


def test_a_held_segment_is_set_aside_when_its_turn_comes():
    shard = Shard()
    message = accepted(shard)
    shard.holds.add(HoldScope.ACCOUNT, ACCOUNT)
    assert shard.outbox.fill(10, NOW_US, shard.changes) == []
    assert len(shard.outbox) == 0
    shard.holds.remove(HoldScope.ACCOUNT, ACCOUNT)
    ((free, segments),) = shard.holds.take_free(NOW_US)
    assert (free, segments) == (message, message.segments)
    shard.outbox.queue(free, segments)
    assert len(shard.outbox.fill(10, NOW_US, shard.changes)) == 1


def test_a_hold_counts_for_an_attempt_that_is_staged_already():
    shard = Shard()
    accepted(shard)
    (attempt,) = shard.outbox.fill(1, NOW_US, shard.changes)
    shard.holds.add(HoldScope.ACCOUNT, ACCOUNT)
    assert not shard.outbox.may_leave(attempt, NOW_US, shard.changes)
    assert attempt.segment.state == MessageState.ACCEPTED
    assert len(shard.changes.submit_result) == 1  # the attempt is closed: after a restart it waits again
    assert shard.holds.has_aside


def test_of_a_message_that_was_stopped_in_the_middle_each_segment_leaves_once():
    shard = Shard()
    message = accepted(shard, segment_count=3)
    shard.holds.add(HoldScope.MESSAGE, message.message_id)
    message.segments[1].state = MessageState.ACCEPTED
    assert shard.outbox.fill(1, NOW_US, shard.changes) == []
    shard.outbox.queue(message)  # as a failover would: what was set aside is in line again as well
    shard.holds.remove(HoldScope.MESSAGE, message.message_id)
    for free, segments in shard.holds.take_free(NOW_US):
        shard.outbox.queue(free, segments)
    attempts = []
    while left := shard.outbox.fill(1, NOW_US, shard.changes):
        attempts += left
        for attempt in left:
            shard.outbox.answered(
                attempt, 0, f"id{len(attempts)}{attempt.segment.segment_no}", NOW_US, shard.changes
            )
    assert sorted(attempt.segment.segment_no for attempt in attempts) == [1, 2, 3]


def test_a_life_ends_also_where_it_is_held():
    shard = Shard()
    message = accepted(shard)
    message.expires_us = NOW_US + SECOND_US
    shard.holds.add(HoldScope.ACCOUNT, ACCOUNT)
    shard.outbox.fill(10, NOW_US, shard.changes)
    assert shard.holds.take_free(NOW_US) == []
    ((free, segments),) = shard.holds.take_free(NOW_US + SECOND_US)
    shard.outbox.queue(free, segments)
    shard.outbox.expire(NOW_US + SECOND_US, shard.changes)
    assert shard.ends == [(message.message_id, MessageState.EXPIRED)]


def test_holds_of_messages_that_have_ended_are_forgotten_at_a_start():
    holds = TrafficHolds([(HoldScope.MESSAGE, 5), (HoldScope.MESSAGE, 6)])
    holds.keep_open({6})
    assert (holds.has(HoldScope.MESSAGE, 5), holds.has(HoldScope.MESSAGE, 6)) == (False, True)
    holds.keep_open(())
    assert not holds.active
