"""All parts of one long message get one decision and take one slot of the caps; each is charged."""

import msgspec
import pytest
from shard import ACCOUNT, NOW_US, PRICE_MICROS, SECOND_US, Shard

from operator_push.domain.concatenated_parts import Part, follows
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.message import MessageState, RefusalReason
from operator_push.domain.permission import ConsentAction
from operator_push.domain.policy import read_trail
from operator_push.services.accept_submissions import PARTS_WITHIN_US, Offered


@pytest.fixture
def shard() -> Shard:
    """One promotional message a day for every handset."""
    shard = Shard()
    shard.facts.caps = FrequencyCaps(per_handset=1)
    return shard


def part(shard: Shard, number: int, total: int = 3, reference: int = 7, subscriber_no: int = 1) -> Offered:
    return msgspec.structs.replace(shard.offer(subscriber_no), part=Part(reference, total, number))


def test_all_parts_count_once_against_caps_and_each_is_charged(shard: Shard):
    outcomes = shard.accept(*(part(shard, number) for number in (1, 2, 3)))
    assert [outcome.reason for outcome in outcomes] == [None, None, None]
    assert shard.balances.held(ACCOUNT) == 3 * PRICE_MICROS
    (another,) = shard.accept(shard.offer())
    assert another.reason is RefusalReason.FREQUENCY_CAP
    for number in (1, 2, 3):  # one after the other, and the last look lets each of them pass
        (attempt,) = shard.outbox.fill(10, NOW_US, shard.changes)
        shard.outbox.answered(attempt, 0, f"m{number}", NOW_US, shard.changes)


def test_the_part_that_comes_first_decides_whatever_its_number(shard: Shard):
    outcomes = shard.accept(*(part(shard, number) for number in (3, 1, 2)))
    assert [outcome.reason for outcome in outcomes] == [None, None, None]
    assert [follows(outcome.trail) for outcome in outcomes] == [False, True, True]
    assert read_trail(outcomes[1].trail)[-1] == ("follows its first part", "passed")


def test_a_refused_first_part_refuses_the_others_for_the_same_reason(shard: Shard):
    first = part(shard, 1, subscriber_no=99)
    (refused,) = shard.accept(first)
    # The permission that comes in between is for the next message, not for the rest of this one.
    shard.consent(99, ConsentAction.GRANT, brand_no=7)
    (follower,) = shard.accept(part(shard, 2, subscriber_no=99))
    assert refused.reason is follower.reason is RefusalReason.NO_PERMISSION
    assert len(shard.changes.message) == 2


def test_a_first_part_needs_credit_for_the_whole_message():
    shard = Shard(segments_paid=2)
    outcomes = shard.accept(*(part(shard, number) for number in (1, 2, 3)))
    assert [outcome.reason for outcome in outcomes] == [RefusalReason.NO_CREDIT] * 3
    assert shard.balances.held(ACCOUNT) == 0


def test_a_part_number_that_comes_again_begins_a_new_message(shard: Shard):
    (first,) = shard.accept(part(shard, 1))
    (second,) = shard.accept(part(shard, 1))
    assert first.reason is None
    assert second.reason is RefusalReason.FREQUENCY_CAP


def test_after_the_time_limit_a_part_is_decided_alone(shard: Shard):
    shard.accept(part(shard, 1))
    (late,) = shard.accept(part(shard, 2), now_us=NOW_US + PARTS_WITHIN_US + 1)
    assert late.reason is RefusalReason.FREQUENCY_CAP


def test_other_references_and_recipients_are_other_messages(shard: Shard):
    shard.accept(part(shard, 1))
    (other,) = shard.accept(part(shard, 2, reference=8))
    assert other.reason is RefusalReason.FREQUENCY_CAP


def test_parts_that_are_withdrawn_give_one_slot_back(shard: Shard):
    shard.accept(*(part(shard, number) for number in (1, 2, 3)))
    shard.consent(1, ConsentAction.WITHDRAW, brand_no=7, at_us=NOW_US + 1)
    assert shard.outbox.fill(10, NOW_US + 2, shard.changes) == []
    assert [state for _, state in shard.ends] == [MessageState.WITHDRAWN] * 3
    shard.consent(1, ConsentAction.GRANT, brand_no=7, at_us=NOW_US + SECOND_US)
    one, two = shard.accept(shard.offer(), shard.offer(), now_us=NOW_US + 2 * SECOND_US)
    assert one.reason is None
    assert two.reason is RefusalReason.FREQUENCY_CAP
