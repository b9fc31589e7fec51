"""Laws of rating, over tariffs and messages of every shape."""

from typing import Any

from drawn_tariffs import segment_counts, tariffs, tier_prices
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_push.domain.rating.closing import close_month
from operator_push.domain.rating.contract import RoundingAt
from operator_push.domain.rating.currencies import Converter
from operator_push.domain.rating.document import Price, TariffDocument, Tier, Volume
from operator_push.domain.rating.pricing import rate
from operator_push.domain.rating.values import NO_USAGE, Rating, RatingRequest, Usage
from operator_push.kernel.money import Rounding

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
