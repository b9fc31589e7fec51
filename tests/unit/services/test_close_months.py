"""Closing a month: bundles, contacts that nobody paid for, and all-units prices once the month is whole."""

from pathlib import Path
from typing import Any

from operator_push.domain.message import TrafficClass
from operator_push.domain.rating.charge import Charge, ChargePlan, plan_for
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.values import RatingRequest, Usage
from operator_push.kernel.instants import parse_iso
from operator_push.services.close_months import ClosingPosting, MonthMessage, closing_of

FILE = Path(__file__).parents[2] / "golden/rating/everything.toml"
TARIFF = read_tariff(FILE.read_text(encoding="utf-8"), "everything.toml")
AT_US, END_US = parse_iso("2026-05-11T12:00:00+05:30"), parse_iso("2026-05-31T23:59:59+05:30")


def plan(account: str, destination: str, country: str) -> ChargePlan:
    found = plan_for(
        1,
        TARIFF,
        RatingRequest(
            account=account,
            destination=destination,
            segments=1,
            at_us=AT_US,
            country=country,
            traffic_class=TrafficClass.TRANSACTIONAL,
        ),
    )
    assert isinstance(found, ChargePlan)
    return found


def closed(account: str, *messages: MonthMessage) -> list[ClosingPosting]:
    return closing_of("2026-05", END_US, TARIFF, account, "INR", messages)


def emirates(charged: int, used: int, parts_before: int = 0) -> MonthMessage:
    before = Usage(segments={"emirates": used})
    return MonthMessage(1, Charge(plan("shop", "971", "AE"), AT_US, before, parts_before), charged)


def hotline(subscriber_no: int, used: dict[str, int]) -> MonthMessage:
    charge = Charge(plan("clinic", "917", "IN"), AT_US, Usage(contact_segments=used))
    return MonthMessage(subscriber_no, charge, 1)


def shown(postings: list[ClosingPosting]) -> list[tuple[str, str, Any]]:
    return [(each.kind, each.reference, each.amount_micros) for each in postings]


def test_a_bundle_costs_its_month() -> None:
    assert shown(closed("bundled")) == [("charge", "2026-05 bundle starter", 5_000_000)]
    assert closed("shop") == []


def test_all_units_give_back_what_was_paid_above_the_tier_of_the_month() -> None:
    # Two at 1.00; at the end of the month 0.70, but 1.50 is the least that a message costs.
    [given] = closed("shop", emirates(2, 0), emirates(4, 2))
    assert shown([given]) == [("credit-note", "2026-05 all units emirates", 500_000)]
    assert given.price == "emirates"
    assert closed("shop", emirates(2, 0)) == []


def test_parts_of_a_long_message_are_closed_as_the_whole() -> None:
    parts = [emirates(1, 0, number) for number in range(3)]
    whole = closed("shop", emirates(3, 0), emirates(5, 3))
    assert shown(closed("shop", *parts, emirates(5, 3))) == shown(whole)


def test_a_contact_that_no_delivered_message_paid_for_is_charged_once() -> None:
    """The first one failed, and those after it were on their way already."""
    failed_first = [hotline(1, {"hotline": 1}), hotline(1, {"hotline": 2}), hotline(3, {"hotline": 1})]
    [fee] = closed("clinic", *failed_first, hotline(2, {}), hotline(2, {"hotline": 1}))
    assert shown([fee]) == [("charge", "2026-05 contact hotline", 2_000_000)]
    assert "2 whose first message" in fee.reason
