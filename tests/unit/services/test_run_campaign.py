"""A campaign is launched for people who are fixed then, and each of them is handed in at most once."""

from typing import Any

import pytest
from campaign_room import HOUR_US, CampaignRoom
from pyroaring import BitMap
from quiet_clocks import quiet_clocks
from shard import ACCOUNT, NOW_US, PRICE_MICROS, Shard

from operator_push.domain.campaign import CampaignAction
from operator_push.domain.message import MessageState
from operator_push.domain.variants import place_of
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_DAY as DAY_US
from operator_push.kernel.instants import iso
from operator_push.services.pace_campaigns import SLACK_US, PaceCampaigns


def running(shard: Shard) -> CampaignRoom:
    room = CampaignRoom(shard)
    room.approved()
    room.launch()
    return room


def test_a_recipient_counts_once_in_one_batch_and_over_batches():
    shard = Shard()
    room = running(shard)
    assert room.hand_in(1, 1, 2) == {"repeated": 1, "accepted": 2}
    assert room.hand_in(2, 3) == {"repeated": 1, "accepted": 1}
    assert len(shard.messages) == 3


def test_an_unknown_number_in_a_batch_spoils_nobody_else():
    room = running(Shard())
    with pytest.raises(LookupError):
        room.hand_in(1, 99)
    assert room.hand_in(1) == {"repeated": 0, "accepted": 1}


def test_those_for_whom_the_money_did_not_last_can_be_handed_in_again():
    shard = Shard(segments_paid=3)
    room = running(shard)
    assert room.hand_in(1, 2, 3, 4) == {"repeated": 0, "accepted": 3, "NO_CREDIT": 1}
    shard.balances.top_up(ACCOUNT, shard.ids.next_id(NOW_US), PRICE_MICROS)
    assert room.hand_in(1, 4) == {"repeated": 1, "accepted": 1}


def test_nothing_is_handed_in_before_the_launch():
    room = CampaignRoom(Shard())
    room.order()
    with pytest.raises(OperatorError, match="not running"):
        room.hand_in(1)


def test_a_launch_fixes_for_whom_it_runs():
    shard = Shard()
    room = CampaignRoom(shard)
    room.approved()
    room.launch(1, 2)
    assert shard.changes.upserts[-1][0] == "campaign_recipients"
    with pytest.raises(OperatorError, match="not launched for some"):
        room.hand_in(1, 3)
    assert room.hand_in(1) == {"repeated": 0, "accepted": 1}
    assert room.running.rest("tea") == (2, BitMap([2]))


def test_no_more_people_than_were_quoted_are_launched():
    room = CampaignRoom(Shard())
    room.approved(people_max=1)
    with pytest.raises(OperatorError, match="quoted for fewer people"):
        room.launch(1, 2)


def test_nothing_is_launched_before_its_time_or_handed_in_after_it():
    shard = Shard()
    room = CampaignRoom(shard)
    room.approved(terms={"starts": iso(NOW_US + HOUR_US), "ends": iso(NOW_US + 2 * HOUR_US)})
    with pytest.raises(OperatorError, match="starts at"):
        room.launch()
    room.launch(at_us=NOW_US + HOUR_US)
    room.hand_in(1, at_us=NOW_US + HOUR_US)
    with pytest.raises(OperatorError, match="is over since"):
        room.hand_in(2, at_us=NOW_US + 2 * HOUR_US)
    (message,) = shard.messages
    assert message.expires_us == NOW_US + 2 * HOUR_US


def test_what_waits_past_the_end_of_its_campaign_expires_and_gives_its_money_back():
    shard = Shard(segments_paid=3)
    room = CampaignRoom(shard)
    room.approved(terms={"ends": iso(NOW_US + HOUR_US)})
    room.launch()
    room.hand_in(1)
    assert shard.balances.available(ACCOUNT) == 0
    assert room.running.end_overdue(NOW_US + HOUR_US, shard.changes) == 1
    assert room.registry.require_campaign("tea").state == "finished"
    assert shard.outbox.fill(10, NOW_US + HOUR_US, shard.changes) == []
    assert [state for _, state in shard.ends] == [MessageState.EXPIRED]
    assert shard.balances.available(ACCOUNT) == 3 * PRICE_MICROS


def test_an_end_before_the_beginning_is_no_order():
    for terms in ({"ends": iso(NOW_US)}, {"starts": "tomorrow"}, {"finishes": iso(NOW_US)}):
        with pytest.raises(OperatorError):
            CampaignRoom(Shard()).approved(terms=terms)


def test_a_pace_lets_no_more_people_in_than_are_due():
    room = CampaignRoom(Shard(), quoted=range(1, 9))
    room.approved(terms={"pace": "even", "ends": iso(NOW_US + HOUR_US)})
    room.launch(*range(1, 9))
    assert room.running.room("tea", NOW_US) == 0
    assert room.running.room("tea", NOW_US + HOUR_US // 2, HOUR_US) == 4
    room.hand_in(1, 2, 3, at_us=NOW_US + HOUR_US // 2)
    assert room.running.room("tea", NOW_US + HOUR_US // 2, HOUR_US) == 1


def test_no_more_of_one_campaign_are_open_than_may_be():
    """What has not been handed in waits in the campaign's set; each end lets one more in."""
    shard = Shard()
    room = CampaignRoom(shard, quoted=range(1, 9))
    room.running._open_left = lambda campaign_no: 3 - shard.messages.of_campaign.get(campaign_no, 0)
    room.approved()
    room.launch(*range(1, 9))
    assert room.running.room("tea", NOW_US) == 3
    room.hand_in(1, 2, 3)
    assert (room.running.room("tea", NOW_US), shard.messages.of_campaign) == (0, {1: 3})
    for message in list(shard.messages):
        shard.messages.remove(1, message)
        shard.messages.remove(1, message)  # a second end changes nothing
    assert (room.running.room("tea", NOW_US), shard.messages.of_campaign) == (3, {})


def test_a_pace_and_the_open_messages_bound_together():
    shard = Shard()
    room = CampaignRoom(shard, quoted=range(1, 9))
    room.running._open_left = lambda campaign_no: 3
    room.approved(terms={"pace": "even", "ends": iso(NOW_US + HOUR_US)})
    room.launch(*range(1, 9))
    due = [room.running.room("tea", NOW_US + HOUR_US * part // 8, HOUR_US) for part in (0, 2, 8)]
    assert due == [0, 2, 3]


def looks(room: CampaignRoom, until_us: int, from_us: int = NOW_US) -> list[int]:
    """How many may come at each of the looks of somebody who looks every five seconds, and takes them all."""
    found, waiting = [], iter(range(1, 10))
    for at_us in range(from_us, until_us + 1, 5_000_000):
        found.append(room.running.room("tea", at_us))
        people = [next(waiting) for _ in range(found[-1])]
        while people and people[0] in room.running.people.handed_in(1):
            people = [*people[1:], next(waiting)]
        room.hand_in(*people, at_us=at_us)
    return found


@pytest.mark.parametrize("how", ["pause", "restart", "nobody came"])
def test_what_a_break_missed_is_not_made_up_for_at_once(how: str):
    """After a pause of half the time half the people once came at once."""
    room = CampaignRoom(Shard(), quoted=range(1, 10))
    room.approved(terms={"pace": "even", "ends": iso(NOW_US + HOUR_US)})
    room.launch(*range(1, 10))
    assert sum(looks(room, NOW_US + HOUR_US // 4)) == 2
    again_us = NOW_US + HOUR_US * 3 // 4
    if how == "pause":
        room.running.act("tea", CampaignAction.PAUSE, NOW_US + HOUR_US // 4, room.shard.changes)
        room.running.act("tea", CampaignAction.RESUME, again_us, room.shard.changes)
    if how == "restart":
        room.running._paces = PaceCampaigns()
    assert room.running.room("tea", again_us) == 0
    assert sum(room.running.room("tea", again_us + HOUR_US // 40 * part) for part in (0, 1)) <= 1


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


def test_a_message_that_is_deferred_past_the_end_expires_and_is_not_sent_tomorrow():
    shard = Shard()
    shard.facts.clocks = quiet_clocks("21:00-09:00")
    night_us = NOW_US - NOW_US % DAY_US + 22 * HOUR_US
    room = CampaignRoom(shard)
    room.approved(terms={"ends": iso(night_us + HOUR_US)})
    room.launch(at_us=night_us)
    assert room.hand_in(1, at_us=night_us) == {"repeated": 0, "accepted": 1}
    (message,) = shard.messages
    assert message.not_before_us == night_us + 11 * HOUR_US
    assert shard.outbox.expire(night_us + HOUR_US, shard.changes) == 1
    assert [state for _, state in shard.ends] == [MessageState.EXPIRED]
    room.running.end_overdue(night_us + HOUR_US, shard.changes)
    assert (shard.balances.held(ACCOUNT), room.money.reserved_of(ACCOUNT)) == (0, 0)
    assert shard.outbox.fill(10, night_us + 12 * HOUR_US, shard.changes) == []


def test_each_one_s_own_morning_decides_whether_it_comes_before_the_end():
    """One campaign to Kolkata, Kathmandu and Lord Howe, ordered in the night of all three: 09:00 is 03:30Z,
    03:15Z, and on 15 January 22:00Z, the evening before."""
    shard = Shard(segments_paid=3)
    shard.facts.clocks = clocks = quiet_clocks("21:00-09:00", zone="Asia/Kolkata")
    clocks.note(2, home_zone="Asia/Kathmandu")
    clocks.note(3, home_zone="Australia/Lord_Howe")
    night_us = NOW_US + 10 * HOUR_US  # 18:00Z: 23:30, 23:45 and 05:00
    ends_us = NOW_US + 19 * HOUR_US + HOUR_US // 4 + 1  # just after 03:15Z
    room = CampaignRoom(shard)
    room.approved(terms={"ends": iso(ends_us)})
    room.launch(1, 2, 3, at_us=night_us)
    room.hand_in(1, 2, 3, at_us=night_us)
    by_person = {message.subscriber_no: message.not_before_us for message in shard.messages}
    mornings = {1: 19 * HOUR_US + HOUR_US // 2, 2: 19 * HOUR_US + HOUR_US // 4, 3: 14 * HOUR_US}
    assert {person: at_us - NOW_US for person, at_us in by_person.items()} == mornings
    left: dict[int, int] = {}
    for at_us in range(night_us, ends_us + 24 * HOUR_US, HOUR_US // 12):
        shard.outbox.expire(at_us, shard.changes)
        for attempt in shard.outbox.fill(10, at_us, shard.changes):
            left[attempt.message.subscriber_no] = at_us - NOW_US
    assert left == {2: mornings[2], 3: mornings[3]}
    assert [state for _, state in shard.ends] == [MessageState.EXPIRED]
    assert (shard.balances.available(ACCOUNT), shard.balances.held(ACCOUNT)) == (
        PRICE_MICROS,
        2 * PRICE_MICROS,
    )


def test_what_a_campaign_did_not_use_is_free_again_when_it_ends():
    shard = Shard()
    room = running(shard)
    assert room.money.reserved_of(ACCOUNT) == 3 * PRICE_MICROS
    room.hand_in(1)
    assert room.registry.require_campaign("tea").progress.reserved_micros == 2 * PRICE_MICROS
    room.running.act("tea", CampaignAction.FINISH, NOW_US, shard.changes)
    assert room.money.reserved_of(ACCOUNT) == 0
    assert shard.balances.available(ACCOUNT) + shard.balances.held(ACCOUNT) == 10 * PRICE_MICROS


def test_each_person_gets_one_of_several_texts_until_one_has_won():
    shard = Shard()
    texts: list[str] = []
    room = CampaignRoom(shard, quoted=range(1, 10))

    def render(source: str, to: str, text: str, *rest: int) -> tuple[Any, ...]:
        texts.append(text)
        return b"body", 1, None, False

    room.running._renders = {"sms": render}
    variants = [{"name": "warm", "text": "Hot chai"}, {"name": "bold", "text": "CHAI"}]
    room.approved(terms={"variants": variants, "test_percent": 40, "winner_after": 1})
    room.launch(*range(1, 10))
    assert room.running.room("tea", NOW_US) == 3
    room.hand_in(1, 2, 3)
    assert texts == [variants[place_of(1, number, 2)]["text"] for number in (1, 2, 3)]
    assert room.running.room("tea", NOW_US) == 0
    room.running.choose("tea", "bold", NOW_US, shard.changes)
    room.running.choose("tea", "warm", NOW_US, shard.changes)
    assert room.running.room("tea", NOW_US) == 6
    room.hand_in(*range(4, 10))
    assert texts[3:] == ["CHAI"] * 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"variants": [{"name": "a", "text": "A"}]},
        {"variants": [{"name": "a", "text": "A"}, {"name": "a", "text": "B"}]},
        {"variants": [{"name": "a"}, {"name": "b", "text": "B"}]},
        {"variants": [{"name": "a", "text": "A"}, {"name": "b", "text": " "}]},
        {"test_percent": 10, "winner_after": 5},
        {"variants": [{"name": "a", "text": "A"}, {"name": "b", "text": "B"}], "test_percent": 10},
    ],
)
def test_variants_that_make_no_test_are_refused(wrong: dict[str, Any]):
    with pytest.raises(OperatorError):
        CampaignRoom(Shard()).order(terms=wrong)


def test_a_variant_that_was_not_agreed_cannot_win():
    room = running(Shard())
    with pytest.raises(OperatorError, match="tests no variant"):
        room.running.choose("tea", "bold", NOW_US, room.shard.changes)
