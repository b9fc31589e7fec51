"""Rewards and their guards: once, for terms that were shown, not for stop and start, and taken back."""

import json
from typing import Any

import msgspec
import pytest
from pyroaring import BitMap

from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.incentives import DAY_US, Award, AwardState, EarnedBy, Offer
from operator_push.domain.ledger import Balances
from operator_push.domain.ledger_proof import verify
from operator_push.domain.permission import PermissionBook
from operator_push.domain.purses import REWARD_ACCOUNTS_FROM
from operator_push.domain.transfers import LedgerAccount, Transfer, TransferKind
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.meters import Meters
from operator_push.services.award_incentives import PER_PERSON_MAX, AwardIncentives
from operator_push.services.changes import Changes
from operator_push.services.manage_permission import consent_row
from operator_push.services.registry import Account, Registry

NOW = 1_800_000_000_000_000
CHAI, SPONSOR, FIVE = 3, 1, 5_000_000
TERMS = "5 rupees, once, if you stay for 30 days."
OPT_IN = Offer("chai", EarnedBy.OPT_IN, "chai", FIVE, TERMS, brand="Chai Point")
PROFILE = Offer("me", EarnedBy.PROFILE, "chai", FIVE, TERMS, needs=("age", "interest.music"))


class House:
    """One shard with a sponsor that has money for ten rewards."""

    def __init__(self, *offers: Offer, money: int = 10 * FIVE, currency: str = "INR", **more: Any) -> None:
        self.ids = IdSequence()
        self.permission = PermissionBook()
        self.balances = Balances(currency="INR")
        self.changes = Changes()
        self.meters = Meters()
        if money:
            top_up = self.balances.top_up(SPONSOR, self.ids.next_id(NOW), money)
            self.rows: list[Transfer] = list(top_up.transfers)
        account = Account(SPONSOR, "chai", "esme", CHAI, "", True, 3, 0, (), False, 10, 1, currency, 0)
        registry = Registry([(CHAI, "Chai Point")], [account])
        self.awards = AwardIncentives(
            0, self.ids, offers, registry, self.permission, self.balances, self.meters, **more
        )

    def act(self, action: ConsentAction = ConsentAction.GRANT, number: int = 1, **more: Any) -> None:
        """An act of consent, folded in and heard as before its commit."""
        at_us = more.pop("at_us", NOW)
        evidence = {"incentive_ref": "chai", "incentive_terms": TERMS} | more.pop("evidence", {})
        event = ConsentEvent(
            number,
            more.pop("brand_no", CHAI),
            0,
            more.pop("purpose", Purpose.MARKETING),
            "*",
            action,
            at_us,
            Evidence(more.pop("method", "web"), more=json.dumps({k: v for k, v in evidence.items() if v})),
        )
        self.permission.apply(event)
        self.awards.hear([consent_row(0, self.ids.next_id(at_us), event)], at_us, self.changes)

    def earned(self, number: int = 1) -> int:
        side = int(LedgerAccount.EARNED)
        return self.changes.balance_micros.get((REWARD_ACCOUNTS_FROM + number, side), 0)

    def why_not(self) -> set[str]:
        return {
            name.removeprefix("incentives.refused.")
            for name, count in self.meters.snapshot().items()
            if name.startswith("incentives.refused.") and count
        }


def test_an_opt_in_is_rewarded_with_its_terms_and_the_ledger_holds() -> None:
    house = House(OPT_IN)
    house.act()
    assert house.earned() == FIVE
    assert house.balances.available(SPONSOR) == 9 * FIVE
    ((table, row),) = house.changes.upserts
    assert (table, row["terms"], row["state"]) == ("incentive_award", TERMS, AwardState.EARNED)
    transfers = [
        Transfer(*key, TransferKind(kind), account_no, *map(LedgerAccount, sides), *rest)
        for key, kind, account_no, sides, rest in (
            (row[:3], row[3], row[4], row[5:7], row[7:]) for row in house.changes.ledger_transfer
        )
    ]
    assert verify([*house.rows, *transfers]).ok


def test_stopping_and_starting_earns_once_and_a_stop_takes_it_back() -> None:
    house = House(OPT_IN)
    house.act()
    house.act(ConsentAction.WITHDRAW, at_us=NOW + DAY_US)
    assert house.earned() == 0
    assert house.balances.available(SPONSOR) == 10 * FIVE
    for day in range(2, 6):
        house.act(at_us=NOW + day * DAY_US)
        house.act(ConsentAction.WITHDRAW, at_us=NOW + day * DAY_US + 1)
    assert house.earned() == 0
    assert house.why_not() == {"once_only"}


def test_after_its_time_a_reward_is_the_persons_own() -> None:
    house = House(OPT_IN)
    house.act()
    assert house.awards.held_back(1, NOW + OPT_IN.keep_us - 1) == FIVE
    assert house.awards.held_back(1, NOW + OPT_IN.keep_us) == 0
    house.act(ConsentAction.WITHDRAW, brand_no=0, at_us=NOW + OPT_IN.keep_us)
    assert house.earned() == FIVE


def test_who_had_opted_in_without_the_offer_earns_nothing() -> None:
    house = House(OPT_IN, earlier={"chai": BitMap([2])})
    house.act(evidence={"incentive_ref": ""})
    house.act(ConsentAction.WITHDRAW)
    house.act()
    house.act(number=2)
    assert (house.earned(1), house.earned(2)) == (0, 0)
    assert house.why_not() == {"opted_in_before"}
    assert house.awards.open_to(1, NOW) == []


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"evidence": {"incentive_terms": "a million rupees"}}, {"other_terms"}),
        ({"evidence": {"incentive_terms": ""}}, {"other_terms"}),
        ({"method": "import"}, set()),
        ({"purpose": Purpose.SERVICE}, set()),
        ({"brand_no": 9}, set()),
        ({"at_us": NOW - DAY_US}, {"not_open"}),
        ({"at_us": NOW + DAY_US}, {"not_open"}),
    ],
)
def test_what_earns_nothing(more: dict[str, Any], why: set[str]) -> None:
    offer = msgspec.structs.replace(OPT_IN, from_us=NOW, until_us=NOW + DAY_US)
    house = House(offer)
    house.act(**more)
    assert house.earned() == 0
    assert house.why_not() == why


def test_a_broader_no_earns_nothing() -> None:
    house = House(OPT_IN)
    house.act(ConsentAction.WITHDRAW, brand_no=0, at_us=NOW + 5)
    house.act()
    assert house.why_not() == {"not_permitted"}


def test_no_money_and_no_sponsor_earn_nothing() -> None:
    poor = House(OPT_IN, money=FIVE - 1)
    poor.act()
    abroad = House(OPT_IN, currency="USD")
    abroad.act()
    assert (poor.earned(), abroad.earned()) == (0, 0)
    assert (poor.why_not(), abroad.why_not()) == ({"no_money"}, {"no_sponsor"})


def test_velocity_is_limited_by_offer_address_and_person() -> None:
    offer = msgspec.structs.replace(OPT_IN, per_day_max=3, per_address_max=2)
    house = House(offer)
    for number in (1, 2, 3):
        house.act(number=number, evidence={"ip": "198.51.100.7"})
    assert [house.earned(number) for number in (1, 2, 3)] == [FIVE, FIVE, 0]
    for number in (4, 5):
        house.act(number=number, evidence={"ip": f"198.51.100.{number}"})
    assert [house.earned(number) for number in (4, 5)] == [FIVE, 0]
    assert house.why_not() == {"too_many_of_address", "too_many_of_offer"}
    offers = [Offer(f"p{n}", EarnedBy.PROFILE, "chai", FIVE, TERMS) for n in range(PER_PERSON_MAX + 1)]
    greedy = House(*offers)
    for each in offers:
        greedy.awards.profile_declared(1, frozenset(), each.name, TERMS, NOW, greedy.changes)
    assert greedy.earned() == PER_PERSON_MAX * FIVE
    assert greedy.why_not() == {"too_many_of_person"}


def test_a_complete_profile_is_rewarded_once_and_taken_back_with_what_it_needs() -> None:
    house = House(PROFILE)

    def declare(*names: str, shown: str = "me") -> int:
        house.awards.profile_declared(1, frozenset(names), shown, TERMS, NOW, house.changes)
        return house.earned()

    assert declare("age") == 0
    assert declare("age", "interest.music", shown="") == 0
    assert declare("age", "interest.music") == FIVE
    assert declare("age", "interest.music", "language") == FIVE
    assert declare("age") == 0
    assert declare("age", "interest.music") == 0


def test_what_was_awarded_is_known_after_a_restart() -> None:
    award = Award(0, "chai", 1, 1, 7, SPONSOR, FIVE, 1, TERMS, int(AwardState.EARNED), NOW, NOW + DAY_US)
    house = House(OPT_IN, awards=[award])
    house.act(at_us=NOW + 1)
    assert house.why_not() == {"once_only"}
    house.act(ConsentAction.WITHDRAW, at_us=NOW + 2)
    assert house.earned() == -FIVE


def test_an_opt_in_that_was_confirmed_by_sms_is_rewarded_once() -> None:
    house = House(OPT_IN)
    assert house.awards.opt_in_offer(CHAI, 1, NOW) is OPT_IN
    assert house.awards.opt_in_offer(CHAI + 1, 1, NOW) is None
    said = (1, CHAI, 0, Purpose.MARKETING, "*", ConsentAction.CHALLENGE, NOW, Evidence("sms"))
    challenge = ConsentEvent(*said, expires_us=NOW + DAY_US)
    house.permission.apply(challenge)
    house.awards.hear([consent_row(0, house.ids.next_id(NOW), challenge)], NOW, house.changes)
    assert house.awards.opt_in_offer(CHAI, 1, NOW) is OPT_IN, "a question earns nothing"
    house.act(ConsentAction.CONFIRM)
    assert house.earned() == FIVE
    assert house.awards.opt_in_offer(CHAI, 1, NOW) is None
