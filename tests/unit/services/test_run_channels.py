"""Channels: subscribing is an act about the channel alone, and an issue reaches each subscriber once."""

from typing import Any

import pytest
from campaign_room import plain_texts
from pyroaring import BitMap
from shard import ACCOUNT, BRAND, MSISDN, NOW_US, Shard

from operator_push.domain.campaign import CampaignAction
from operator_push.domain.channels import subscribers
from operator_push.domain.permission import ConsentAction
from operator_push.domain.touchpoints import Touchpoint, Touchpoints
from operator_push.kernel.errors import OperatorError
from operator_push.services.campaign_money import CampaignMoney
from operator_push.services.campaign_people import CampaignPeople
from operator_push.services.order_campaign import OrderCampaign
from operator_push.services.quote_campaign import QuoteCampaign
from operator_push.services.registry import Account, Registry
from operator_push.services.run_campaign import RunCampaign
from operator_push.services.run_channels import NewChannel, RunChannels

NEWS = NewChannel(name="news", account="media", short_code="56070", brand="Daily News", keyword="NEWS")
READERS = (1, 2, 3)


def msisdn_of(number: int) -> str:
    return f"{MSISDN[:-2]}{number:02}"


class Desk:
    def __init__(self, segments_paid: int = 100) -> None:
        self.shard = Shard(segments_paid)
        account = Account(ACCOUNT, "media", "enterprise", BRAND, "", True, 3, 0, (), False, 1, 1, "INR", 0)
        self.registry = Registry([(BRAND, "Media")], [account])
        self.touchpoints = Touchpoints([Touchpoint("bank", "Bank", "56070", "JOIN BANK")])
        self.people = CampaignPeople()
        self.campaigns = RunCampaign(
            self.registry,
            self.shard.accept_use_case,
            msisdn_of,
            lambda source, to, text, account_no, kind, now_us, ends_us: (text.encode(), 1, None, False),
            self.people,
            CampaignMoney(self.shard.balances),
            plain_texts(self.registry),
        )
        self.quoting = QuoteCampaign(
            self.registry,
            self.shard.tariff,
            msisdn_of,
            lambda source, to, text, account_no, kind: 1,
            plain_texts(self.registry),
        )
        self.channels = RunChannels(*self.parts())

    def parts(self) -> tuple[Any, ...]:
        check = OrderCampaign(self.registry, CampaignMoney(self.shard.balances), ["casino"]).check_content
        codes, wrong = ("56070",), {"STOP": "'STOP' is heard as STOP; take another"}
        use_cases = self.campaigns, self.quoting
        return self.registry, self.shard.permission, *use_cases, self.touchpoints, codes, check, wrong.get

    def news(self, *readers: int) -> None:
        channel = self.channels.create(NEWS, "asha", NOW_US, self.shard.changes)
        for number in readers:
            self.shard.consent(number, ConsentAction.GRANT, brand_no=channel.brand_no)

    def publish(self, text: str = "It rains") -> str:
        _, campaign = self.channels.publish("news", text, "asha", NOW_US, self.shard.changes)
        while self.channels.hand_in_next(NOW_US, self.shard.changes):
            pass
        return self.state(campaign.name)

    def state(self, name: str) -> str:
        return self.registry.require_campaign(name).state

    def texts(self) -> list[tuple[int, bytes]]:
        return [(message.subscriber_no, message.body) for message in self.shard.messages]


def test_an_issue_reaches_who_subscribed_to_this_channel_and_permits_it() -> None:
    desk = Desk()
    desk.news(*READERS)
    number = desk.channels.require("news").brand_no
    desk.shard.consent(4, ConsentAction.GRANT, brand_no=0)  # every brand: no subscription
    desk.shard.consent(3, ConsentAction.WITHDRAW, brand_no=0, at_us=NOW_US + 1)
    assert desk.channels.subscribers(desk.channels.require("news")) == BitMap([1, 2])
    assert desk.publish() == "finished"
    assert desk.texts() == [(1, b"It rains"), (2, b"It rains")]
    assert {message.brand_no for message in desk.shard.messages} == {number} != {BRAND}
    progress = desk.channels.progress("news", 1)
    assert (progress.done_percent, progress.outcomes["accepted"]) == (100, 2)
    assert desk.publish("It still rains") == "finished"
    assert [issue.issue_no for issue, _ in desk.channels.issues(desk.channels.require("news"))] == [2, 1]


def test_who_was_handed_in_before_a_crash_is_not_handed_in_again() -> None:
    desk = Desk()
    desk.news(*READERS)
    issue, campaign = desk.channels.publish("news", "Once", "asha", NOW_US, desk.shard.changes)
    desk.people.handed_in(campaign.campaign_no).add(2)  # as a start rebuilds it from the rows
    again = RunChannels(*desk.parts(), [desk.channels.require("news")], [issue])
    while again.hand_in_next(NOW_US, desk.shard.changes):
        pass
    assert [number for number, _ in desk.texts()] == [1, 3]
    assert desk.state(campaign.name) == "finished"


def test_whom_the_money_did_not_reach_gets_it_when_it_is_resumed() -> None:
    desk = Desk(segments_paid=2)
    desk.news(*READERS)
    assert desk.publish() == "paused"
    outcomes = desk.channels.progress("news", 1).outcomes
    assert outcomes == {"accepted": 2, "NO_CREDIT": 1, "repeated": 0}
    desk.shard.balances.top_up(ACCOUNT, 99, 1_000_000)
    desk.campaigns.act("news #1", CampaignAction.RESUME, NOW_US, desk.shard.changes)
    while desk.channels.hand_in_next(NOW_US, desk.shard.changes):
        pass
    assert [number for number, _ in desk.texts()] == [1, 2, 3]
    assert desk.state("news #1") == "finished"


def test_where_nobody_of_a_batch_is_taken_the_others_are_not_tried() -> None:
    desk = Desk(segments_paid=0)
    desk.news()
    number = desk.channels.require("news").brand_no
    for reader in range(1, 1_201):
        desk.shard.consent(reader, ConsentAction.GRANT, brand_no=number)
    assert desk.publish() == "paused"
    progress = desk.channels.progress("news", 1)
    assert (progress.outcomes["NO_CREDIT"], progress.done_percent) == (500, 41)


def test_an_issue_is_the_same_for_everybody() -> None:
    desk = Desk()
    desk.news(1)
    with pytest.raises(OperatorError, match="the same for everybody"):
        desk.channels.publish("news", "{{ plan | default('x') }}", "asha", NOW_US, desk.shard.changes)


def test_a_keyword_opens_it_until_it_is_closed() -> None:
    desk = Desk()
    desk.news(1)
    point = desk.touchpoints.opened_by("56070", "news please")
    assert point is not None
    assert (point.name, point.brand, point.double) == ("news", "Daily News", True)
    desk.channels.publish("news", "Last", "asha", NOW_US, desk.shard.changes)
    desk.channels.close("news", NOW_US, desk.shard.changes)
    assert desk.touchpoints.opened_by("56070", "news please") is None
    assert desk.state("news #1") == "finished"
    assert not desk.channels.hand_in_next(NOW_US, desk.shard.changes)
    with pytest.raises(OperatorError, match="is closed"):
        desk.publish()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": "a b"}, "letters, digits"),
        ({"name": "bank"}, "is called 'bank' already"),
        ({"brand": "Media"}, "brand of its own"),
        ({"short_code": "57000"}, "short_codes: 56070"),
        ({"keyword": "STOP"}, "heard as STOP"),
        ({"keyword": "Join Bank!"}, "taken by bank"),
        ({"account": "x"}, "no account is called"),
        ({"category": 9}, "not in 0..8"),
    ],
)
def test_what_a_channel_cannot_be(wrong: dict[str, Any], why: str) -> None:
    values = {"name": "sport", "account": "media", "short_code": "56070", "brand": "Sport"}
    desk = Desk()
    with pytest.raises(OperatorError, match=why):
        desk.channels.create(NewChannel(**{**values, **wrong}), "asha", NOW_US, desk.shard.changes)


def test_nobody_else_comes_to_send_under_its_brand() -> None:
    desk = Desk()
    desk.news()
    assert subscribers(desk.shard.permission, desk.channels.require("news")) == BitMap()
    with pytest.raises(OperatorError, match="that of the channel"):
        desk.channels.check_brand("Daily News")
    desk.channels.check_brand("Media")
    for text, why in ((" ", "text is empty"), ("A casino!", "no campaign may say")):
        with pytest.raises(OperatorError, match=why):
            desk.publish(text)
    with pytest.raises(OperatorError, match="no issue 7"):
        desk.channels.progress("news", 7)
