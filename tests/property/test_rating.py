"""Laws of rating, over tariffs and messages of every shape."""

from pathlib import Path
from typing import Any

from drawn_tariffs import segment_counts, tariffs, tier_prices
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_push.domain.message import TrafficClass
from operator_push.domain.rating.charge import Charge, ChargePlan
from operator_push.domain.rating.closing import close_month
from operator_push.domain.rating.contract import RoundingAt
from operator_push.domain.rating.currencies import Converter
from operator_push.domain.rating.document import Price, TariffDocument, Tier, Volume
from operator_push.domain.rating.plans import Asked, TariffPlans
from operator_push.domain.rating.pricing import rate
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.values import NO_USAGE, Rating, RatingRequest, Usage
from operator_push.kernel.instants import parse_iso
from operator_push.kernel.money import Rounding
from operator_push.text.data_coding import Encoding

AT_US = 1_778_400_000_000_000


def rated(tariff: TariffDocument, segments: int, usage: Usage = NO_USAGE, **asked: Any) -> Rating:
    rating = rate(
        RatingRequest(account="a", destination="919812345678", segments=segments, at_us=AT_US, **asked),
        tariff,
        usage,
    )
    assert isinstance(rating, Rating)
    return rating


@given(tariff=tariffs(), messages=st.lists(segment_counts, min_size=1, max_size=8), uses_age=st.booleans())
@settings(max_examples=150)
def test_laws_of_a_month_of_messages(tariff: TariffDocument, messages: list[int], uses_age: bool) -> None:
    usage = NO_USAGE
    attributes = ("age",) if uses_age else ()
    for segments in messages:
        rating = rated(tariff, segments, usage, attributes=attributes)
        assert rating.total_micros == sum(line.amount_micros for line in rating.lines)
        assert rating.total_micros >= 0
        assert rating == rated(tariff, segments, usage, attributes=attributes)  # a replay is equal
        if tariff.contract.rounding_at is not RoundingAt.INVOICE:
            if tariff.contract.rounding_at is RoundingAt.MESSAGE:
                assert rating.total_micros % tariff.contract.step_micros == 0
            else:
                assert all(line.amount_micros % tariff.contract.step_micros == 0 for line in rating.lines)
        if tariff.contract.rounding_at is not RoundingAt.LINE:
            assert all(line.units * line.unit_price_micros == line.amount_micros for line in rating.lines)
        usage = rating.usage
        for bundle in tariff.bundle:
            assert 0 <= usage.segments.get(bundle.name, 0) <= bundle.segments
        for contact in tariff.contact:
            assert 0 <= usage.contact_segments.get(contact.name, 0) <= contact.segments
        for credit in tariff.credit:
            assert 0 <= usage.credit_micros.get(credit.name, 0) <= credit.amount
    covered = sum(usage.segments.values()) + sum(usage.contact_segments.values())
    assert covered == sum(messages)  # every segment is in a bundle, a contact's month, or priced, once


def plain(tiers: tuple[Tier, ...], volume: Volume) -> TariffDocument:
    price = Price(name="price", tiers=tiers, volume=volume)
    return TariffDocument(tariff="plain", version=1, currency="INR", price=(price,))


@given(tiers=tier_prices(), used=st.integers(0, 80), segments=segment_counts)
def test_graduated_tiers_do_not_care_how_a_month_is_cut(
    tiers: tuple[Tier, ...], used: int, segments: int
) -> None:
    tariff = plain(tiers, Volume.GRADUATED)
    usage = Usage(segments={"price": used})
    at_once = rated(tariff, segments, usage).total_micros
    one_by_one = 0
    for _ in range(segments):
        rating = rated(tariff, 1, usage)
        one_by_one += rating.total_micros
        usage = rating.usage
    assert at_once == one_by_one


@given(tiers=tier_prices(), messages=st.lists(segment_counts, min_size=1, max_size=10))
def test_all_units_cost_the_tier_reached_once_the_month_is_closed(
    tiers: tuple[Tier, ...], messages: list[int]
) -> None:
    tariff = plain(tiers, Volume.ALL_UNITS)
    usage, paid = NO_USAGE, 0
    for segments in messages:
        rating = rated(tariff, segments, usage)
        paid += rating.total_micros
        usage = rating.usage
    closing = close_month(tariff, "a", usage.segments, {"price": paid}, Converter("INR", Rounding.HALF_EVEN))
    count = sum(messages)
    reached = next(tier.per_segment for tier in tiers if tier.up_to is None or count <= tier.up_to)
    assert paid + sum(line.amount_micros for line in closing) == count * reached


HOSTILE = read_tariff((Path(__file__).parents[1] / "golden/rating/hostile.toml").read_text(), "hostile.toml")
DAY_US = 86_400_000_000
# Around these the clocks change, a year, a rate, a tax or a credit ends.
EDGES = [
    parse_iso(moment)
    for moment in (
        "2026-03-29T01:00:00Z",
        "2026-10-25T01:00:00Z",
        "2026-11-01T00:00:00Z",
        "2026-11-30T00:00:00Z",
        "2027-01-01T00:00:00Z",
    )
]
moments = st.lists(
    st.tuples(st.sampled_from(EDGES), st.integers(-2 * DAY_US, 2 * DAY_US)), min_size=1, max_size=12
)


@given(at=moments, klass=st.sampled_from(TrafficClass), segments=st.integers(1, 4))
def test_what_is_kept_of_answers_is_what_would_be_answered_anew_over_every_edge_of_time(
    at: list[tuple[int, int]], klass: TrafficClass, segments: int
) -> None:
    plans = TariffPlans([(1, HOSTILE)], lambda msisdn: "DE")
    asked = Asked("any", "EUR", "4915112345678", klass, "BANK", lambda: Encoding.GSM7)
    for edge, offset in at:
        at_us = edge + offset
        plan = plans.plan(asked, at_us)
        assert isinstance(plan, ChargePlan)
        request = RatingRequest(
            account="any",
            destination="4915112345678",
            segments=segments,
            at_us=at_us,
            country="DE",
            traffic_class=klass,
            currency="EUR",
        )
        rating = rate(request, HOSTILE)
        assert isinstance(rating, Rating)
        assert Charge(plan, at_us).amount(segments) == rating.total_micros
