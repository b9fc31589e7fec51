"""Closing a month: bundles, contacts that nobody paid for, and all-units prices once the month is whole."""

from pathlib import Path
from typing import Any

import pytest

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


@pytest.mark.parametrize(
    ("bundle", "tax", "account", "tax_micros"),
    [
        ("", "", "shop", 900_000),
        ('country = "IN"', 'country = "IN"', "shop", 900_000),
        ("", 'country = "IN"', "shop", 0),  # it covers messages that bear none
        ('country = "IN"', 'country = "AE"', "shop", 0),
        ("", "valid_until = 2026-05-01T00:00:00Z", "shop", 0),
        ("", 'accounts = ["other"]', "shop", 0),
        ("", "", "free", 0),
    ],
)
def test_the_price_of_a_bundle_bears_the_taxes_that_all_its_messages_would(
    bundle: str, tax: str, account: str, tax_micros: int
) -> None:
    text = f"""
tariff = "t"
version = 1
currency = "INR"
[accounts.free]
exempt = ["GST"]
[[price]]
name = "all"
per_segment = "0.10"
[[bundle]]
name = "b"
segments = 3
per_month = 5
{bundle}
[[tax]]
name = "GST"
percent = 18
{tax}
"""
    [posting] = closing_of("2026-05", END_US, read_tariff(text, "t.toml"), account, "INR", [])
    assert (posting.amount_micros, posting.tax_micros) == (5_000_000 + tax_micros, tax_micros)


def test_all_units_that_cost_more_tell_the_tax_in_it() -> None:
    text = """
tariff = "t"
version = 1
currency = "INR"
[[price]]
name = "emirates"
volume = "all_units"
tiers = [{ up_to = 2, per_segment = "0.70" }, { per_segment = "1.00" }]
[[tax]]
name = "GST"
percent = 18
"""
    tariff = read_tariff(text, "t.toml")
    found = plan_for(1, tariff, RatingRequest(account="shop", destination="971", segments=1, at_us=AT_US))
    assert isinstance(found, ChargePlan)
    messages = [
        MonthMessage(1, Charge(found, AT_US, Usage(segments={"emirates": used})), 2) for used in (0, 2)
    ]
    [posting] = closing_of("2026-05", END_US, tariff, "shop", "INR", messages)
    # 0.30 more for each of the first two, and its tax.
    assert (posting.kind, posting.amount_micros, posting.tax_micros) == ("charge", 708_000, 108_000)


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
    assert shown([fee]) == [("charge", "2026-05 contact hotline", 2_360_000)]
    assert fee.tax_micros == 360_000  # as their messages bear it
    assert "2 whose first message" in fee.reason
