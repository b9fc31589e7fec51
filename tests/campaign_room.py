"""The use cases of campaigns over a shard in memory: an account with a brand, and people who permit it."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace
from pyroaring import BitMap
from shard import ACCOUNT, BRAND, NOW_US, PRICE_MICROS, Shard

from operator_push.domain.facts import AccountPolicy
from operator_push.domain.permission import ConsentAction
from operator_push.services.account_terms import NO_TERMS
from operator_push.services.campaign_links import CampaignLinks
from operator_push.services.campaign_money import CampaignMoney
from operator_push.services.campaign_people import NO_WEIGHTS, CampaignPeople, Weights
from operator_push.services.campaign_texts import PersonTexts
from operator_push.services.choose_channel import ChooseChannel
from operator_push.services.contest_slots import ContestSlots
from operator_push.services.order_campaign import OrderCampaign
from operator_push.services.quote_campaign import QuoteCampaign, SegmentsOf
from operator_push.services.registry import Account, CampaignRecord, Registry
from operator_push.services.run_campaign import RunCampaign, draft_of

PEOPLE = {number: f"91981234560{number}" for number in range(1, 10)}
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


def plain_texts(registry: Registry) -> PersonTexts:
    """Texts that may all be sent."""
    return PersonTexts(lambda text, account_no: "", CampaignLinks(1, registry, lambda: bytes(32)))


class CampaignRoom:
    """Account "chai"; `terms` are its own. People 1..9 permit it; a quote is for those of `quoted`."""

    def __init__(
        self,
        shard: Shard,
        segments_of: SegmentsOf = one_segment,
        forbidden: Sequence[str] = (),
        floor: int = 1,
        checkers: int = 1,
        quoted: Sequence[int] = (1, 2, 3),
        **terms: Any,
    ) -> None:
        self.shard = shard
        self.quoted = BitMap(quoted)
        account = Account(ACCOUNT, "chai", "enterprise", BRAND, "", True, 3, 0, (), False, 1, 1, "INR", 0)
        registry = self.registry = Registry([(BRAND, "Chai")], [account])
        if terms:
            self.agree(**terms)
        self.money = CampaignMoney(shard.balances)
        self.links = CampaignLinks(1, registry, lambda: bytes(32))
        self.texts = PersonTexts(lambda text, account_no: self.ordering.why_not(text, account_no), self.links)
        self.running = RunCampaign(
            registry,
            shard.accept_use_case,
            PEOPLE.__getitem__,
            lambda source, to, text, account_no, kind, now_us, ends_us: (b"body", 1, None, False),
            CampaignPeople(),
            self.money,
            self.texts,
            choose=ChooseChannel(shard.facts),
        )
        self.quoting = QuoteCampaign(
            registry,
            shard.tariff,
            PEOPLE.__getitem__,
            segments_of,
            self.texts,
            None,
            shard.accept_use_case.scrub,
            lambda account, asked, number, msisdn, at_us: self.running.offer(
                draft_of(account, asked), number, msisdn, at_us
            ),
        )
        self.contest = ContestSlots(registry, self.running.people, shard.policy)
        shard.accept_use_case.contest = self.contest.judge
        self.ordering = OrderCampaign(registry, self.money, forbidden, floor, checkers)

    def agree(self, **terms: Any) -> None:
        """Other terms with the account."""
        account = self.registry.require_account("chai")
        values = {name: getattr(account, name) for name in account.__slots__}
        changed = Account(**{**values, "terms": replace(NO_TERMS, **terms)})
        self.registry.put_account(changed, self.shard.changes)

    def add_account(self, account_no: int, brand_no: int) -> str:
        """Another client with money, whose marketing everybody permits; its name."""
        name, shard = f"client{account_no}", self.shard
        self.registry.put_account(
            Account(account_no, name, "enterprise", brand_no, "", True, 3, 0, (), False, 1, 1, "INR", 0),
            shard.changes,
        )
        shard.facts.accounts[account_no] = AccountPolicy(account_no, brand_no)
        shard.balances.top_up(account_no, shard.ids.next_id(NOW_US), 100 * PRICE_MICROS)
        for subscriber_no in PEOPLE:
            shard.consent(subscriber_no, ConsentAction.GRANT, brand_no=brand_no)
        return name

    def quote(self, **asked: Any) -> dict[str, int]:
        """A quote for the people that are quoted."""
        return self.quoting.quote(ORDER | asked, self.quoted, NOW_US)

    def order(self, **asked: Any) -> CampaignRecord:
        """An order as ORDER, and as asked."""
        return self.ordering.order(ORDER | asked, self.quote(**asked), NOW_US, self.shard.changes)

    def change(self, **asked: Any) -> CampaignRecord:
        """The same order, otherwise."""
        return self.ordering.change(ORDER | asked, self.quote(**asked), NOW_US, self.shard.changes)

    def approve(
        self, approver: str, side: str = "operator", name: str = "tea", priority: int | None = None
    ) -> CampaignRecord:
        """One side's yes."""
        return self.ordering.approve(name, approver, NOW_US, self.shard.changes, side, priority)

    def approved(self, priority: int | None = None, **asked: Any) -> CampaignRecord:
        """Ordered, and approved by both sides."""
        name = self.order(**asked).name
        self.approve("ravi", "client", name)
        return self.approve("desk", "operator", name, priority)

    def enter(self, *people: int, name: str = "tea", weights: Weights = NO_WEIGHTS) -> bool:
        """Entered for the slots of these people."""
        return self.running.enter(name, BitMap(people), weights, NOW_US, self.shard.changes)

    def launch(self, *people: int, name: str = "tea", at_us: int = NOW_US) -> CampaignRecord:
        """Launched for these people, or for whoever is handed in."""
        audience = BitMap(people) if people else None
        return self.running.launch(name, audience, at_us, self.shard.changes)

    def hand_in(self, *numbers: int, name: str = "tea", at_us: int = NOW_US) -> dict[str, int]:
        """Hand people in."""
        return self.running.hand_in(name, numbers, at_us, self.shard.changes)
