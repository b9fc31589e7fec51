"""The last line of a channel's issues: bought, agreed to by somebody else, carried, charged once each."""

from typing import Any

import pytest
from campaign_room import plain_texts
from shard import ACCOUNT, BRAND, NOW_US, PRICE_MICROS, Shard

from operator_push.domain.consent import ConsentAction
from operator_push.domain.sponsorship import Sponsorships
from operator_push.domain.touchpoints import Touchpoints
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.services.campaign_money import CampaignMoney
from operator_push.services.campaign_people import CampaignPeople
from operator_push.services.correct_ledger import CorrectLedger
from operator_push.services.order_campaign import OrderCampaign
from operator_push.services.quote_campaign import QuoteCampaign
from operator_push.services.registry import Account, Registry
from operator_push.services.run_campaign import RunCampaign
from operator_push.services.run_channels import NewChannel, RunChannels
from operator_push.services.sponsor_channels import SponsorChannels

SLOT_MICROS = 2 * PRICE_MICROS
NEWS = NewChannel(name="news", account="media", short_code="56070", brand="News", keyword="NEWS")


class Desk:
    """A channel "news" of account "media", whose own money buys its slot, too; ten segments' money."""

    def __init__(
        self, known: Sponsorships | None = None, shard: Shard | None = None, percent: int = 0
    ) -> None:
        self.percent = percent
        self.shard = shard or Shard()
        account = Account(ACCOUNT, "media", "enterprise", BRAND, "", True, 3, 0, (), False, 1, 1, "INR", 0)
        self.registry = Registry([(BRAND, "Media")], [account])
        self.money = CampaignMoney(self.shard.balances)
        texts = plain_texts(self.registry)
        self.running = RunCampaign(
            self.registry,
            self.shard.accept_use_case,
            lambda number: f"91981234560{number}",
            lambda source, to, text, account_no, kind, now_us, ends_us: (text.encode(), 1, None, False),
            CampaignPeople(),
            self.money,
            texts,
        )
        quoting = QuoteCampaign(
            self.registry,
            self.shard.tariff,
            lambda number: f"91981234560{number}",
            lambda source, to, text, account_no, kind: 1,
            texts,
        )
        self.ordering = OrderCampaign(self.registry, self.money, ["casino"])
        self.channels = RunChannels(
            self.registry,
            self.shard.permission,
            self.running,
            quoting,
            Touchpoints([]),
            ("56070",),
            self.ordering.check_content,
            lambda keyword: None,
        )
        self.known = known or Sponsorships({}, {}, [])
        self.posting = CorrectLedger(self.shard.balances, self.shard.ids)
        self.sponsors = self.channels.sponsors = SponsorChannels(
            self.registry,
            self.money,
            self.posting,
            self.ordering.why_not,
            self.known,
            NOW_US,
            lambda account_no, net, now_us: net * self.percent // 100,
        )
        self.channel = self.channels.create(NEWS, "asha", NOW_US, self.shard.changes)
        self.shard.consent(1, ConsentAction.GRANT, brand_no=self.channel.brand_no)

    def offer(self, characters: int = 30) -> None:
        number = self.channel.channel_no
        self.sponsors.offer(number, characters, SLOT_MICROS, "desk", NOW_US, self.shard.changes)

    def ask(self, line: str = "By Acme", issues: int = 2) -> Any:
        number = self.channel.channel_no
        return self.sponsors.ask(number, "media", line, issues, "mira", NOW_US, self.shard.changes)

    def decide(self, agrees: bool, by: str = "desk") -> Any:
        return self.sponsors.decide(1, agrees, by, NOW_US, self.shard.changes)

    def publish(self) -> str:
        _, campaign = self.channels.publish("news", "It rains", "asha", NOW_US, self.shard.changes)
        return campaign.text

    @property
    def available(self) -> int:
        return self.shard.balances.available(ACCOUNT)


def test_a_line_is_carried_and_charged_as_often_as_it_was_bought() -> None:
    desk = Desk()
    desk.offer()
    desk.ask()
    assert (desk.publish(), desk.available) == ("It rains", 6 * PRICE_MICROS)  # set aside, not agreed to yet
    desk.decide(True)
    assert [desk.publish() for _ in range(3)] == ["It rains\nBy Acme", "It rains\nBy Acme", "It rains"]
    charges = [row for row in desk.shard.changes.ledger_transfer if int(TransferKind.CHARGE) in row]
    assert len(charges) == 2
    assert desk.available == 6 * PRICE_MICROS
    assert desk.known.sponsorships[1].state == "ended"


def test_the_tax_of_the_day_is_set_aside_and_posted_beside_the_price() -> None:
    desk = Desk(percent=50)
    desk.offer()
    desk.ask()
    assert desk.available == 4 * PRICE_MICROS  # two issues at two, and half of that each
    desk.decide(True)
    desk.publish()
    desk.percent = 100  # a tax that was raised is borne from then on
    assert desk.publish().endswith("By Acme")
    rows = [row for row in desk.shard.changes.ledger_transfer if row[4] == ACCOUNT]
    posted = {kind: [row[7] for row in rows if row[3] == kind] for kind in (27, 33)}
    assert posted == {
        TransferKind.CHARGE: [3 * PRICE_MICROS, 4 * PRICE_MICROS],
        TransferKind.CHARGE_TAX: [PRICE_MICROS, 2 * PRICE_MICROS],
    }
    assert [each.charged_micros for each in desk.known.issues] == [3 * PRICE_MICROS, 4 * PRICE_MICROS]
    assert Desk(desk.known, Shard(), percent=50).available == 10 * PRICE_MICROS


def test_a_line_whose_tax_nobody_can_pay_any_more_waits() -> None:
    desk = Desk(percent=100)
    desk.offer()
    desk.ask()
    desk.decide(True)
    desk.percent = 200
    assert desk.publish().endswith("By Acme")
    assert desk.publish() == "It rains"  # four are left, and it is six now
    desk.percent = 100
    assert desk.publish().endswith("By Acme")


def test_who_asked_does_not_agree_and_a_no_frees_the_money() -> None:
    desk = Desk()
    desk.offer()
    desk.ask()
    with pytest.raises(OperatorError, match="somebody else agrees"):
        desk.decide(True, " Mira")
    desk.decide(False)
    assert desk.available == 10 * PRICE_MICROS
    with pytest.raises(OperatorError, match="waits for no decision"):
        desk.decide(True)


def refuse(desk: Desk) -> None:
    desk.decide(False)


def close(desk: Desk) -> None:
    desk.channels.close("news", NOW_US, desk.shard.changes)


def test_what_was_agreed_may_be_ended_and_a_closed_channel_ends_it() -> None:
    for end in (refuse, close):
        desk = Desk()
        desk.offer()
        desk.ask()
        desk.decide(True)
        desk.publish()
        end(desk)
        assert desk.available == 8 * PRICE_MICROS
        assert desk.known.next_for(desk.channel.channel_no) is None


def test_a_line_that_may_not_be_said_any_more_is_passed_over() -> None:
    desk = Desk()
    desk.offer()
    desk.ask()
    desk.decide(True)
    desk.ordering._forbidden = ["acme"]
    assert desk.publish() == "It rains"


def test_a_restart_sets_aside_what_is_left() -> None:
    desk = Desk()
    desk.offer()
    desk.ask()
    desk.decide(True)
    desk.publish()
    again = Desk(desk.known, Shard())
    assert again.available == 8 * PRICE_MICROS  # the shard's books are new, one issue is left


@pytest.mark.parametrize(
    ("characters", "line", "issues", "why"),
    [
        (0, "By Acme", 1, "offers no line"),
        (5, "By Acme", 1, "at most 5 printable"),
        (30, "two\nlines", 1, "printable"),
        (30, "  ", 1, "empty"),
        (30, "Casino!", 1, "'casino', which no campaign may say"),
        (30, "By Acme", 0, "1 to 1000"),
        (30, "By Acme", 9, "NO_CREDIT"),
    ],
)
def test_what_cannot_be_bought(characters: int, line: str, issues: int, why: str) -> None:
    desk = Desk()
    desk.offer(characters)
    with pytest.raises(OperatorError, match=why):
        desk.ask(line, issues)
    assert desk.available == 10 * PRICE_MICROS
