"""Where campaigns want the same last slots the same ones get them, in whichever order they come."""

from random import Random

import pytest
from campaign_room import PEOPLE, CampaignRoom
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap
from shard import BRAND, NOW_US, Shard

from operator_push.domain.campaign import CampaignAction
from operator_push.domain.campaign_reach import CampaignReach
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.message import RefusalReason, Verdict
from operator_push.domain.permission import ConsentAction
from operator_push.domain.policy import read_trail
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_DAY, iso
from operator_push.services.campaign_people import Weights
from operator_push.services.open_messages import submission_of

EVERYBODY = tuple(PEOPLE)
CAMPAIGNS = ("a", "b", "c", "d", "e")


def race(cap: int = 2, per_brand: int | None = None, **priorities: int) -> CampaignRoom:
    """Five campaigns of five clients (a and b of one brand), approved, all for everybody."""
    shard = Shard(segments_paid=100)
    shard.facts.caps = FrequencyCaps(cap, per_brand)
    room = CampaignRoom(shard, quoted=EVERYBODY)
    for place, name in enumerate(CAMPAIGNS):
        account = room.add_account(10 + place, BRAND + max(place, 1))
        room.approved(priority=priorities.get(name), name=name, account=account)
    return room


def enter_and_launch(room: CampaignRoom, *names: str) -> None:
    for name in names:
        room.enter(*EVERYBODY, name=name)
    for name in names:
        room.launch(name=name)


def winners(room: CampaignRoom) -> dict[int, set[str]]:
    """subscriber_no → the campaigns whose message it gets."""
    names = {campaign.campaign_no: campaign.name for campaign in room.registry.campaigns()}
    found: dict[int, set[str]] = {number: set() for number in EVERYBODY}
    for message in room.shard.messages:
        found[message.subscriber_no].add(names[message.campaign_no])
    return found


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1_000), per_brand=st.sampled_from([None, 1]))
def test_the_order_of_arrival_decides_nothing(seed: int, per_brand: int | None) -> None:
    random = Random(seed)
    weights = {
        name: Weights(BitMap(random.sample(EVERYBODY, 4)), (BitMap(random.sample(EVERYBODY, 4)),))
        for name in CAMPAIGNS
    }
    stopped = random.choice(EVERYBODY)
    results = []
    for order in (random.sample(range(45), 45), range(45), range(44, -1, -1)):
        room = race(per_brand=per_brand, d=6)
        room.shard.consent(stopped, ConsentAction.WITHDRAW, brand_no=BRAND + 3)  # of the best, "d"
        for name in CAMPAIGNS:
            room.enter(*EVERYBODY, name=name, weights=weights[name])
        for name in random.sample(CAMPAIGNS, 5):
            room.launch(name=name)
        for turn in order:
            room.hand_in(EVERYBODY[turn % 9], name=CAMPAIGNS[turn // 9])
        results.append(winners(room))
    assert results[0] == results[1] == results[2]
    assert all(len(found) == 2 for found in results[0].values())
    assert all(("d" in found) == (number != stopped) for number, found in results[0].items())
    if per_brand:
        assert not any({"a", "b"} <= found for found in results[0].values())


def test_the_last_slot_waits_for_the_better_one_and_is_free_where_it_is_cancelled() -> None:
    room = race(1, e=9)
    enter_and_launch(room, *CAMPAIGNS)
    assert room.hand_in(1, name="a") == {"repeated": 0, "FREQUENCY_CAP": 1}
    assert room.hand_in(1, name="e") == {"repeated": 0, "accepted": 1}
    room.running.act("e", CampaignAction.CANCEL, NOW_US, room.shard.changes)
    assert room.hand_in(2, name="a") == {"repeated": 0, "accepted": 1}


def test_a_loser_is_capped_and_not_billed_and_its_trail_says_why() -> None:
    room = race(1, e=9)
    enter_and_launch(room, *CAMPAIGNS)
    held_before = room.shard.balances.held(10)
    room.hand_in(1, name="a")
    row = room.shard.changes.message[-1]
    assert RefusalReason.FREQUENCY_CAP in row
    trail = next(value for value in row if isinstance(value, bytes) and value)
    assert read_trail(trail)[-1] == ("slot contest", "refused FREQUENCY_CAP")
    assert room.shard.balances.held(10) == held_before == 0
    assert room.shard.facts.caps is not None
    room.hand_in(1, name="e")  # no slot was kept by what was only asked


def test_whoever_did_not_enter_keeps_nobody_out() -> None:
    room = race(1, e=9)
    enter_and_launch(room, "a")
    assert room.hand_in(1, name="a")["accepted"] == 1


def test_a_campaign_that_begins_another_day_keeps_nobody_out() -> None:
    room = race(1)
    begins = iso(NOW_US + 2 * MICROS_PER_DAY)
    room.approved(priority=9, name="later", account="client10", terms={"starts": begins})
    room.enter(*EVERYBODY, name="later")
    enter_and_launch(room, "b")
    assert room.hand_in(1, name="b")["accepted"] == 1
    assert "later" not in [campaign.name for campaign in room.contest.missing(NOW_US)]


def test_the_first_entry_of_a_day_stands() -> None:
    room = race()
    assert room.enter(1, 2, name="a")
    assert not room.enter(3, name="a")
    assert [campaign.name for campaign in room.contest.missing(NOW_US)] == ["b", "c", "d", "e"]
    room.launch(3, name="a")
    assert room.running.rest("a") == (2, BitMap([1, 2]))
    with pytest.raises(OperatorError, match="not approved"):
        room.enter(1, name="a")


def test_a_change_takes_the_entry_back() -> None:
    room = race()
    room.enter(1, name="a")
    room.ordering.change(
        {"name": "a", "account": "client10", "category": 8, "rule": "", "source": "X", "text": "Hi"},
        room.quote(),
        NOW_US,
        room.shard.changes,
    )
    room.ordering.approve("a", "ravi", NOW_US + 1, room.shard.changes, "client")
    room.ordering.approve("a", "desk", NOW_US + 1, room.shard.changes)
    assert "a" in [campaign.name for campaign in room.contest.missing(NOW_US + 1)]


def test_an_explanation_names_everybody_in_their_order() -> None:
    room = race(2, e=9)
    enter_and_launch(room, "a", "c", "e")
    room.hand_in(1, name="e")
    told = room.contest.explain("a", 1, PEOPLE[1], NOW_US)["contestants"]
    assert [(each["campaign"], each["outcome"]) for each in told] == [
        ("e", "handed in"),
        ("a", "takes a slot"),
        ("c", "capped"),
    ]
    assert room.hand_in(1, name="a")["accepted"] == 1  # the explanation took no slot


# What sales rules say counts for campaigns that run at the same moment, too


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1_000))
def test_the_places_of_a_day_go_to_the_best_in_whichever_order_they_come(seed: int) -> None:
    results = []
    for order in (Random(seed).sample(range(45), 45), range(45), range(44, -1, -1)):
        room = race(cap=9, d=6, c=7)
        room.shard.facts.reach = CampaignReach(room.registry.reach_limit)
        enter_and_launch(room, *CAMPAIGNS)
        for name in CAMPAIGNS:
            room.running.keep_to(name, 2, {}, NOW_US, room.shard.changes)
        for turn in order:
            room.hand_in(EVERYBODY[turn % 9], name=CAMPAIGNS[turn // 9])
        results.append(winners(room))
    assert results[0] == results[1] == results[2]
    assert all(found == {"c", "d"} for found in results[0].values())


def test_rivals_that_run_at_once_share_nobody_and_the_loser_hears_a_cap() -> None:
    room = race(cap=9, d=6)
    room.shard.facts.reach = CampaignReach(room.registry.reach_limit)
    room.registry._brand_nos["Rival"] = BRAND + 3  # of "d"
    enter_and_launch(room, "a", "d")
    room.running.keep_to("a", 0, {"Rival": 7}, NOW_US, room.shard.changes)
    assert room.hand_in(1, name="a") == {"repeated": 0, "FREQUENCY_CAP": 1}, "the better one is still to come"
    assert room.hand_in(1, name="d") == {"repeated": 0, "accepted": 1}
    room.running.act("d", CampaignAction.CANCEL, NOW_US, room.shard.changes)
    assert room.hand_in(1, 2, name="a") == {"repeated": 1, "accepted": 1}, "and 1 had the rival's"


def test_a_message_that_waits_is_held_against_a_rival_s_that_came_meanwhile() -> None:
    room = race(cap=9)
    room.shard.facts.reach = CampaignReach(room.registry.reach_limit)
    room.registry._brand_nos["Rival"] = BRAND + 3
    enter_and_launch(room, "a")
    room.running.keep_to("a", 0, {"Rival": 7}, NOW_US, room.shard.changes)
    assert room.hand_in(1, name="a")["accepted"] == 1
    (message,) = room.shard.messages
    again = room.shard.policy.decide_again(submission_of(message), NOW_US, NOW_US)
    assert again.verdict is Verdict.ADMIT
    enter_and_launch(room, "d")
    standing = room.shard.policy.standing(NOW_US)
    assert room.hand_in(1, name="d")["accepted"] == 1
    assert room.shard.policy.standing(NOW_US) != standing
    again = room.shard.policy.decide_again(submission_of(message), NOW_US, NOW_US)
    assert again.reason is RefusalReason.FREQUENCY_CAP
