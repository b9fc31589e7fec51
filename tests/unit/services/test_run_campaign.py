"""A campaign passes from maker to checker, and each recipient is handed in at most once."""

from collections.abc import Mapping
from typing import Any

import pytest
from pyroaring import BitMap
from shard import ACCOUNT, BRAND, NOW_US, PRICE_MICROS, Shard

from operator_push.domain.message import MessageState
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.services.campaign_people import CampaignPeople
from operator_push.services.registry import Account, Registry
from operator_push.services.run_campaign import RunCampaign, SegmentsOf

PEOPLE = {1: "919812345601", 2: "919812345602", 3: "919812345603"}
HOUR_US = 3_600_000_000
ORDER = {
    "name": "tea",
    "account": "chai",
    "category": "8",
    "rule": "age >= 18",
    "source": "CHAI",
    "text": "Hello",
    "ordered_by": "asha",
}


def one_segment(source: str, destination: str, text: str, account_no: int, traffic_class: int) -> int:
    return 1


def desk(shard: Shard, segments_of: SegmentsOf = one_segment) -> RunCampaign:
    account = Account(ACCOUNT, "chai", "enterprise", BRAND, "", True, 3, 0, (), False, 1, 1, "INR", 0)
    registry = Registry([(BRAND, "Chai")], [account])
    return RunCampaign(
        registry,
        shard.accept_use_case,
        shard.tariff,
        PEOPLE.__getitem__,
        lambda source, destination, text, account_no, traffic_class, now_us: (b"body", 1, None, False),
        segments_of,
        CampaignPeople(),
    )


def approved(shard: Shard, **asked: Any) -> RunCampaign:
    campaigns = desk(shard)
    quote = campaigns.quote(ORDER, BitMap(PEOPLE), NOW_US)
    campaigns.order(ORDER | asked, quote, NOW_US, shard.changes)
    campaigns.approve("tea", "operator", NOW_US, shard.changes)
    return campaigns


def running(shard: Shard) -> RunCampaign:
    campaigns = approved(shard)
    campaigns.launch("tea", None, NOW_US, shard.changes)
    return campaigns


def hand_in(campaigns: RunCampaign, shard: Shard, *numbers: int) -> Mapping[str, int]:
    return campaigns.hand_in("tea", numbers, NOW_US, shard.changes)


def test_a_quote_is_the_price_of_every_segment():
    shard = Shard()
    quote = desk(shard).quote(ORDER, BitMap(PEOPLE), NOW_US)
    assert (quote["audience"], quote["segments"]) == (3, 1)
    assert quote["quoted_micros"] == 3 * PRICE_MICROS


def test_each_destination_is_quoted_by_the_segments_of_its_own_link():
    shard = Shard()
    counts = dict(zip(PEOPLE.values(), (1, 2, 2), strict=True))
    by_link = desk(shard, lambda source, destination, text, account_no, traffic_class: counts[destination])
    quote = by_link.quote(ORDER, BitMap(PEOPLE), NOW_US)
    assert quote["quoted_micros"] == 5 * PRICE_MICROS
    assert quote["segments"] == 2


def test_a_text_that_cannot_be_sent_is_not_quoted():
    def too_long(source: str, destination: str, text: str, account_no: int, traffic_class: int) -> int:
        raise ValueError("50000 octets need 327 segments; at most 255")

    with pytest.raises(OperatorError, match="cannot be sent: 50000 octets need 327 segments"):
        desk(Shard(), too_long).quote(ORDER, BitMap(PEOPLE), NOW_US)


def test_who_ordered_cannot_approve():
    shard = Shard()
    campaigns = desk(shard)
    campaigns.order(ORDER, campaigns.quote(ORDER, BitMap(PEOPLE), NOW_US), NOW_US, shard.changes)
    with pytest.raises(OperatorError, match="two people"):
        campaigns.approve("tea", "asha", NOW_US, shard.changes)


def test_a_recipient_counts_once_in_one_batch_and_over_batches():
    shard = Shard()
    campaigns = running(shard)
    assert hand_in(campaigns, shard, 1, 1, 2) == {"repeated": 1, "accepted": 2}
    assert hand_in(campaigns, shard, 2, 3) == {"repeated": 1, "accepted": 1}
    assert len(shard.messages) == 3


def test_an_unknown_number_in_a_batch_spoils_nobody_else():
    shard = Shard()
    campaigns = running(shard)
    with pytest.raises(LookupError):
        hand_in(campaigns, shard, 1, 99)
    assert hand_in(campaigns, shard, 1) == {"repeated": 0, "accepted": 1}


def test_those_for_whom_the_money_did_not_last_can_be_handed_in_again():
    shard = Shard(segments_paid=1)
    campaigns = running(shard)
    assert hand_in(campaigns, shard, 1, 2) == {"repeated": 0, "accepted": 1, "NO_CREDIT": 1}
    shard.balances.top_up(ACCOUNT, shard.ids.next_id(NOW_US), PRICE_MICROS)
    assert hand_in(campaigns, shard, 1, 2) == {"repeated": 1, "accepted": 1}


def test_nothing_is_handed_in_before_the_launch():
    shard = Shard()
    campaigns = desk(shard)
    campaigns.order(ORDER, campaigns.quote(ORDER, BitMap(PEOPLE), NOW_US), NOW_US, shard.changes)
    with pytest.raises(OperatorError, match="not running"):
        hand_in(campaigns, shard, 1)


def test_a_launch_fixes_for_whom_it_runs():
    shard = Shard()
    campaigns = approved(shard)
    campaigns.launch("tea", BitMap([1, 2]), NOW_US, shard.changes)
    assert shard.changes.upserts[-1][0] == "campaign_recipients"
    with pytest.raises(OperatorError, match="not launched for some"):
        hand_in(campaigns, shard, 1, 3)
    assert hand_in(campaigns, shard, 1) == {"repeated": 0, "accepted": 1}
    assert campaigns.rest("tea") == (2, BitMap([2]))


def test_no_more_people_than_were_quoted_are_launched():
    shard = Shard()
    campaigns = approved(shard, people_max=1)
    with pytest.raises(OperatorError, match="quoted for fewer people"):
        campaigns.launch("tea", BitMap([1, 2]), NOW_US, shard.changes)


def test_nothing_is_launched_before_its_time_or_handed_in_after_it():
    shard = Shard()
    begins, ends = iso(NOW_US + HOUR_US), iso(NOW_US + 2 * HOUR_US)
    campaigns = approved(shard, terms={"starts": begins, "ends": ends})
    with pytest.raises(OperatorError, match="starts at"):
        campaigns.launch("tea", None, NOW_US, shard.changes)
    campaigns.launch("tea", None, NOW_US + HOUR_US, shard.changes)
    campaigns.hand_in("tea", [1], NOW_US + HOUR_US, shard.changes)
    with pytest.raises(OperatorError, match="is over since"):
        campaigns.hand_in("tea", [2], NOW_US + 2 * HOUR_US, shard.changes)
    (message,) = shard.messages
    assert message.expires_us == NOW_US + 2 * HOUR_US


def test_what_waits_past_the_end_of_its_campaign_expires_and_gives_its_money_back():
    shard = Shard(segments_paid=1)
    campaigns = approved(shard, terms={"ends": iso(NOW_US + HOUR_US)})
    campaigns.launch("tea", None, NOW_US, shard.changes)
    hand_in(campaigns, shard, 1)
    assert shard.balances.available(ACCOUNT) == 0
    assert shard.outbox.fill(10, NOW_US + HOUR_US, shard.changes) == []
    assert [state for _, state in shard.ends] == [MessageState.EXPIRED]
    assert shard.balances.available(ACCOUNT) == PRICE_MICROS


def test_an_end_before_the_beginning_is_no_order():
    for terms in ({"ends": iso(NOW_US)}, {"starts": "tomorrow"}, {"finishes": iso(NOW_US)}):
        with pytest.raises(OperatorError):
            approved(Shard(), terms=terms)


@pytest.mark.parametrize("approver", ["asha", "Asha ", " ", ""])
def test_no_spelling_makes_a_second_person(approver: str):
    shard = Shard()
    campaigns = desk(shard)
    campaigns.order(ORDER, campaigns.quote(ORDER, BitMap(PEOPLE), NOW_US), NOW_US, shard.changes)
    with pytest.raises(OperatorError):
        campaigns.approve("tea", approver, NOW_US, shard.changes)


@pytest.mark.parametrize("wrong", [{"text": "  "}, {"name": "two\nlines"}, {"name": " "}])
def test_an_order_that_nobody_could_read_is_refused(wrong: dict[str, str]):
    shard = Shard()
    campaigns = desk(shard)
    quote = campaigns.quote(ORDER, BitMap(PEOPLE), NOW_US)
    with pytest.raises(OperatorError):
        campaigns.order(ORDER | wrong, quote, NOW_US, shard.changes)


def test_an_order_may_remember_less_than_the_size_of_its_audience():
    shard = Shard()
    campaigns = desk(shard)
    quote = campaigns.quote(ORDER, BitMap(PEOPLE), NOW_US)
    ordered = campaigns.order(ORDER | {"people_max": 9}, quote, NOW_US, shard.changes)
    assert (ordered.audience, ordered.quoted_micros) == (9, quote["quoted_micros"])
    for wrong in (0, "9", True):
        with pytest.raises(OperatorError, match="people_max"):
            campaigns.order(ORDER | {"name": "x", "people_max": wrong}, quote, NOW_US, shard.changes)
