"""What was approved once goes on: times of a pattern, people who come later, and single events."""

import pytest
from campaign_room import HOUR_US, CampaignRoom
from pyroaring import BitMap
from shard import ACCOUNT, NOW_US, PRICE_MICROS, Shard

from operator_push.kernel.errors import OperatorError
from operator_push.services.registry import CampaignRecord
from operator_push.services.repeat_campaigns import RepeatCampaigns

DAY_US = 24 * HOUR_US  # NOW_US is 08:00Z


def repeating(room: CampaignRoom) -> RepeatCampaigns:
    return RepeatCampaigns(room.registry, room.running)


def spawn(room: CampaignRoom, at_us: int) -> CampaignRecord | None:
    return repeating(room).spawn("tea", at_us, room.shard.changes)


def test_each_time_of_a_pattern_is_a_campaign_of_its_own_made_once() -> None:
    room = CampaignRoom(Shard(segments_paid=100))
    room.approved(priority=7, terms={"every": "daily 09:00"})
    assert spawn(room, NOW_US) is None  # yesterday's nine o'clock was before the approval
    first = spawn(room, NOW_US + HOUR_US)
    assert first is not None
    assert (first.name, first.state, first.terms.of) == ("tea 2027-01-15 09:00Z", "approved", "tea")
    assert (first.progress.priority, first.approved_by) == (7, "desk")
    assert first.terms.ends_us == NOW_US + HOUR_US + DAY_US
    assert spawn(room, NOW_US + 5 * HOUR_US) == first
    room.launch(1, 2, name=first.name, at_us=NOW_US + HOUR_US)
    room.hand_in(1, name=first.name, at_us=NOW_US + HOUR_US)
    second = spawn(room, NOW_US + 26 * HOUR_US)
    assert second is not None
    room.launch(1, 2, name=second.name, at_us=NOW_US + 26 * HOUR_US)
    assert room.hand_in(1, name=second.name, at_us=NOW_US + 26 * HOUR_US)["accepted"] == 1


def test_each_time_sets_its_own_money_aside() -> None:
    room = CampaignRoom(Shard(segments_paid=7))
    room.approved(terms={"every": "daily 09:00"})
    assert room.money.reserved_of(ACCOUNT) == 3 * PRICE_MICROS
    spawn(room, NOW_US + HOUR_US)
    assert room.money.reserved_of(ACCOUNT) == 6 * PRICE_MICROS
    spawn(room, NOW_US + 26 * HOUR_US)
    assert room.money.reserved_of(ACCOUNT) == 6 * PRICE_MICROS  # no more is free
    with pytest.raises(OperatorError, match="NO_CREDIT"):
        spawn(room, NOW_US + 50 * HOUR_US)


def test_what_does_not_recur_makes_nothing() -> None:
    room = CampaignRoom(Shard())
    room.order(terms={"every": "daily 09:00"})
    with pytest.raises(OperatorError, match="pending_approval, not approved"):
        spawn(room, NOW_US + HOUR_US)
    once = CampaignRoom(Shard())
    once.approved()
    with pytest.raises(OperatorError, match="does not recur"):
        spawn(once, NOW_US)


def test_a_standing_campaign_takes_more_people_in_up_to_what_was_quoted() -> None:
    room = CampaignRoom(Shard())
    room.approved(terms={"standing": True})
    room.launch(1)
    extend = repeating(room).extend
    assert extend("tea", BitMap([1, 2]), NOW_US, room.shard.changes) == 1
    assert room.hand_in(1, 2)["accepted"] == 2
    assert extend("tea", BitMap([3, 4, 5]), NOW_US, room.shard.changes) == 1
    assert room.running.rest("tea") == (3, BitMap([3]))
    once = CampaignRoom(Shard())
    once.approved()
    once.launch(1)
    with pytest.raises(OperatorError, match="people of its launch"):
        repeating(once).extend("tea", BitMap([2]), NOW_US, once.shard.changes)


def test_an_event_hands_in_that_one_person_once() -> None:
    room = CampaignRoom(Shard())
    room.approved(terms={"trigger": "top_up"})
    trigger = repeating(room).trigger
    assert trigger("top_up", 1, NOW_US, room.shard.changes) == {}
    room.launch(1, 2)
    assert trigger("top_up", 3, NOW_US, room.shard.changes) == {}
    assert trigger("roaming", 1, NOW_US, room.shard.changes) == {}
    assert trigger("top_up", 1, NOW_US, room.shard.changes) == {"tea": "accepted"}
    assert trigger("top_up", 1, NOW_US, room.shard.changes) == {"tea": "repeated"}
    assert len(room.shard.messages) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"standing": True, "trigger": "top_up"},
        {"after": "tea"},
        {"after_days": 3},
        {"every": "hourly"},
        {"standing": "yes"},
    ],
)
def test_a_campaign_is_of_one_kind(wrong: dict[str, object]) -> None:
    with pytest.raises(OperatorError):
        CampaignRoom(Shard()).order(terms=wrong)
