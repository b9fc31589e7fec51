"""Charges: what is held covers every end, parts cost what the whole would, and rows bring a charge back."""

from pathlib import Path
from typing import Any

import pytest

from operator_push.domain.message import MessageState, TrafficClass
from operator_push.domain.rating.charge import (
    Charge,
    ChargePlan,
    plan_for,
    read_usage,
    stored_plan,
    usage_octets,
)
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.values import RatingRequest, Unpriced, Usage
from operator_push.kernel.errors import MoneyInvariantError
from operator_push.kernel.instants import parse_iso

FOLDER = Path(__file__).parents[3] / "golden/rating"
TARIFF = read_tariff((FOLDER / "everything.toml").read_text(encoding="utf-8"), "everything.toml")
AT_US = parse_iso("2026-05-11T12:00:00+05:30")
DELIVERED, EXPIRED = MessageState.DELIVERED, MessageState.EXPIRED


def plan(account: str = "shop", destination: str = "971", country: str = "AE", **more: Any) -> ChargePlan:
    request = RatingRequest(
        account=account,
        destination=destination,
        segments=1,
        at_us=AT_US,
        traffic_class=TrafficClass.TRANSACTIONAL,
        country=country,
        **more,
    )
    found = plan_for(1, TARIFF, request)
    assert isinstance(found, ChargePlan)
    return found


def test_the_hold_covers_what_fewer_segments_cost_by_all_units() -> None:
    charge = Charge(plan(), AT_US, Usage(segments={"emirates": 0}))
    assert [charge.amount(count) for count in range(5)] == [0, 1_500_000, 2_000_000, 2_100_000, 2_800_000]
    charge = Charge(plan(), AT_US, Usage(segments={"emirates": 0}))
    assert charge.most(3) == 2_100_000
    dear_first = Charge(plan(), AT_US, Usage(segments={"emirates": 1}))  # one more at 1.00, two at 0.70
    assert (dear_first.amount(1), dear_first.amount(2), dear_first.most(2)) == (
        1_500_000,
        1_500_000,
        1_500_000,
    )


def test_own_lines_of_parts_are_what_each_adds_and_sum_to_its_amount() -> None:
    own = plan(destination="919812345678", country="IN")
    for number in range(8):
        charge = Charge(own, AT_US, own.narrowed(Usage(segments={"own network": 1})), number)
        lines = charge.own_lines(2)
        assert sum(line.amount_micros for line in lines) == charge.amount(2)
        assert sum(line.units for line in lines if line.what.startswith("segments, ")) == 2
    assert charge.own_lines(0) == ()


def test_parts_cost_together_what_the_whole_costs() -> None:
    whole = Charge(plan(), AT_US)
    parts = [Charge(plan(), AT_US, whole.before, number) for number in range(4)]
    assert sum(part.amount(1) for part in parts) == whole.amount(4)
    for part in parts:
        assert sum(line.amount_micros for line in part.lines(1)) == part.amount(1)
    used = [part.taken(1).segments.get("emirates") for part in parts]
    assert used == [1, 1, 1, 1]


def test_the_tax_of_a_charge_is_never_more_than_the_charge() -> None:
    charge = Charge(plan("shop", "91", "IN"), AT_US)
    assert [charge.tax(count) for count in (0, 1, 2)] == [0, 25_200, 50_400]
    parts = [Charge(plan("lines", "91", "IN"), AT_US, parts_before=number) for number in range(3)]
    assert sum(part.tax(1) for part in parts) == Charge(plan("lines", "91", "IN"), AT_US).tax(3)
    assert Charge(plan(), AT_US).tax(1) == 0


def test_what_a_message_uses_is_told_by_rule() -> None:
    clinic = Charge(plan("clinic", "91", "IN"), AT_US)
    assert clinic.taken(2).contact_segments == {"hotline": 2}
    gifted = Charge(plan("gifted", "91", "IN"), AT_US, Usage(credit_micros={"welcome": 300_000}))
    assert gifted.taken(1).credit_micros == {"welcome": 100_000}
    assert gifted.taken(0) == Usage()


@pytest.mark.parametrize(
    ("account", "charged"),
    [("shop", 1), ("submitted", 2), ("accepted", 3)],
)
def test_the_contract_says_which_segments_are_charged(account: str, charged: int) -> None:
    """One delivered, one expired at the SMSC, one that expired before it was sent."""
    ends = [(DELIVERED, True), (EXPIRED, True), (EXPIRED, False)]
    assert Charge(plan(account), AT_US).charged_segments(ends) == charged


def test_a_plain_price_is_told_from_one_that_counts_or_has_a_contract() -> None:
    assert plan("taxfree", "91", "IN").is_per_segment(3)
    assert not plan("shop", "91", "IN").is_per_segment(1)  # a tax is a posting of its own
    assert not plan("accepted", "91", "IN").is_per_segment(1)  # another contract
    assert not plan("clinic", "91", "IN").is_per_segment(1)  # counts
    assert not plan("rounded", "91", "IN").is_per_segment(3)


def test_a_row_brings_the_charge_back() -> None:
    first = plan("clinic", "91", "IN")
    usage = Usage(contact_segments={"hotline": 3}, segments={"other": 7})
    narrowed = first.narrowed(usage)
    assert narrowed.segments == {}
    again = stored_plan(1, TARIFF, AT_US, first.facts)
    assert again.rating(2, AT_US, read_usage(usage_octets(narrowed))) == first.rating(2, AT_US, usage) or (
        again.rating(2, AT_US, narrowed).lines == first.rating(2, AT_US, usage).lines
    )
    assert read_usage(usage_octets(Charge(first, AT_US).before)) == Usage()
    with pytest.raises(MoneyInvariantError, match="cannot be read"):
        stored_plan(1, TARIFF, AT_US, b"{}")
    with pytest.raises(MoneyInvariantError, match="cannot be read"):
        read_usage(b"[")


def test_what_no_price_holds_has_no_plan() -> None:
    small = read_tariff(
        'tariff="t"\nversion=1\ncurrency="INR"\n[[price]]\nname="in"\ncountry="IN"\nper_segment=1\n', "t.toml"
    )
    request = RatingRequest(account="a", destination="44", segments=1, at_us=AT_US, country="GB")
    assert isinstance(plan_for(1, small, request), Unpriced)
    gone = plan("shop", "91", "IN").facts
    abroad = gone.replace(b'"IN"', b'"GB"')
    with pytest.raises(MoneyInvariantError, match="has none any more"):
        stored_plan(1, small, AT_US, abroad)
