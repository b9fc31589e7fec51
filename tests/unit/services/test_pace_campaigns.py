"""How many of a campaign may come now, whatever breaks there were, and when the last of them will."""

import pytest
from campaign_room import HOUR_US, CampaignRoom
from shard import NOW_US, Shard

from operator_push.domain.campaign import CampaignAction
from operator_push.kernel.instants import iso
from operator_push.services.pace_campaigns import SLACK_US, PaceCampaigns


def test_a_pace_lets_no_more_people_in_than_are_due():
    room = CampaignRoom(Shard(), quoted=range(1, 9))
    room.approved(terms={"pace": "even", "ends": iso(NOW_US + HOUR_US)})
    room.launch(*range(1, 9))
    assert room.running.room("tea", NOW_US) == 0
    assert room.running.room("tea", NOW_US + HOUR_US // 2, HOUR_US) == 4
    room.hand_in(1, 2, 3, at_us=NOW_US + HOUR_US // 2)
    assert room.running.room("tea", NOW_US + HOUR_US // 2, HOUR_US) == 1


def test_a_pace_and_the_open_messages_bound_together():
    shard = Shard()
    room = CampaignRoom(shard, quoted=range(1, 9))
    room.running._open_left = lambda campaign_no: 3
    room.approved(terms={"pace": "even", "ends": iso(NOW_US + HOUR_US)})
    room.launch(*range(1, 9))
    due = [room.running.room("tea", NOW_US + HOUR_US * part // 8, HOUR_US) for part in (0, 2, 8)]
    assert due == [0, 2, 3]


def taken(room: CampaignRoom, from_us: int, until_us: int) -> int:
    """How many come by somebody who looks every five seconds and takes all who may."""
    handed_in = room.running.people.handed_in(1)
    before = len(handed_in)
    for at_us in range(from_us, until_us, 5_000_000):
        first = len(handed_in) + 1
        room.hand_in(*range(first, first + room.running.room("tea", at_us)), at_us=at_us)
    return len(handed_in) - before


@pytest.mark.parametrize("how", ["pause", "restart", "nobody came"])
def test_what_a_break_missed_is_not_made_up_for_at_once(how: str):
    """After a pause of half the time half the people once came at once."""
    room = CampaignRoom(Shard(), quoted=range(1, 10))
    room.approved(terms={"pace": "even", "ends": iso(NOW_US + HOUR_US)})
    room.launch(*range(1, 10))
    assert taken(room, NOW_US, NOW_US + HOUR_US // 4) == 2
    again_us = NOW_US + HOUR_US * 3 // 4
    if how == "pause":
        room.running.act("tea", CampaignAction.PAUSE, NOW_US + HOUR_US // 4, room.shard.changes)
        room.running.act("tea", CampaignAction.RESUME, again_us, room.shard.changes)
    if how == "restart":
        room.running._paces = PaceCampaigns()
    assert room.running.room("tea", again_us) == 0
    assert taken(room, again_us, again_us + HOUR_US // 8) == 3, (
        "of the seven who are left, in half of the time"
    )
    assert taken(room, again_us + HOUR_US // 8, NOW_US + HOUR_US) == 4


def test_whoever_comes_seldom_says_so_and_misses_nothing():
    room = CampaignRoom(Shard(), quoted=range(1, 10))
    room.approved(terms={"pace": "even", "ends": iso(NOW_US + 10 * HOUR_US)})
    room.launch(*range(1, 10))
    waiting = iter(range(1, 10))
    for hour in range(1, 10):
        due = room.running.room("tea", NOW_US + hour * HOUR_US, slack_us=HOUR_US)
        room.hand_in(*(next(waiting) for _ in range(due)), at_us=NOW_US + hour * HOUR_US)
        assert len(room.running.people.handed_in(1)) == hour


def test_the_end_is_foretold_by_the_pace_the_rate_or_how_people_came():
    cases = {
        "even": ({"pace": "even", "ends": iso(NOW_US + HOUR_US)}, HOUR_US - SLACK_US),
        "hours": ({"hours": {"0": 1}, "pace": "hours", "zone": "UTC"}, 17 * HOUR_US),
        "rate": ({"rate_per_s": 2}, 4_000_000),
        "none": ({}, None),
    }
    for terms, after_us in cases.values():
        room = CampaignRoom(Shard(), quoted=range(1, 9))
        room.approved(terms=terms)
        assert room.running.ends_about("tea", NOW_US) is None
        room.launch(*range(1, 9))
        told = room.running.ends_about("tea", NOW_US)
        assert (None if told is None else told - NOW_US) == after_us


def test_a_pause_earns_no_rate_and_a_question_before_the_launch_changes_nothing():
    room = CampaignRoom(Shard(), quoted=range(1, 10))
    room.approved(terms={"rate_per_s": 2})
    room.enter(*range(1, 10))
    assert room.running.room("tea", NOW_US) is None, "whoever hands in hears that it is not running"
    launched_us = NOW_US + HOUR_US
    room.launch(at_us=launched_us)
    room.hand_in(*range(1, 1 + room.running.room("tea", launched_us)), at_us=launched_us)
    for action in (CampaignAction.PAUSE, CampaignAction.RESUME):
        room.running.act("tea", action, launched_us + 1, room.shard.changes)
    assert len(room.running.people.handed_in(1)) == 2
    assert room.running.room("tea", launched_us + 2) == 0


def test_without_a_pace_the_end_is_foretold_by_who_came_lately():
    room = CampaignRoom(Shard(), quoted=range(1, 9))
    room.approved()
    room.launch(*range(1, 9))
    for seconds, people in ((0, (1, 2)), (31, (3, 4)), (40, ())):
        at_us = NOW_US + seconds * 1_000_000
        assert room.running.room("tea", at_us) is None
        room.hand_in(*people, at_us=at_us)
    assert room.running.ends_about("tea", at_us) == at_us + 40_000_000
    assert room.running.ends_about("tea", at_us + 40_000_000) is None, "nobody hands anybody in any more"
    room.hand_in(*range(5, 9), at_us=at_us)
    assert room.running.ends_about("tea", at_us) == at_us


def test_nobody_knows_how_long_a_test_of_texts_lasts():
    room = CampaignRoom(Shard(), quoted=range(1, 9))
    variants = [{"name": "warm", "text": "Hot chai"}, {"name": "bold", "text": "CHAI"}]
    terms = {"variants": variants, "test_percent": 40, "winner_after": 1, "rate_per_s": 1}
    room.approved(terms=terms)
    room.launch(*range(1, 9))
    assert room.running.ends_about("tea", NOW_US) is None
    room.running.choose("tea", "bold", NOW_US, room.shard.changes)
    assert room.running.ends_about("tea", NOW_US) == NOW_US + 8_000_000


def test_a_rate_is_kept_after_a_break_too():
    room = CampaignRoom(Shard(), quoted=range(1, 9))
    room.approved(terms={"rate_per_s": 2})
    room.launch(*range(1, 9))
    assert room.running.room("tea", NOW_US) == 2
    room.hand_in(1, 2)
    assert room.running.room("tea", NOW_US) == 0
    assert room.running.room("tea", NOW_US + HOUR_US) == 2
