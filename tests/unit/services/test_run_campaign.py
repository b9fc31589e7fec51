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
    assert shard.outbox.expire(night_us, shard.changes) == 1  # its money need not wait for the end
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
