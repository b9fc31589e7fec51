"""Tariffs as Hypothesis draws them, with any of the rules that there are."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from operator_push.domain.rating.contract import ChargeOn, Contract, RoundingAt
from operator_push.domain.rating.document import (
    Bundle,
    ContactPrice,
    Credit,
    Discount,
    Micros,
    Ppm,
    Price,
    Surcharge,
    TariffDocument,
    Tax,
    Tier,
    Volume,
)
from operator_push.kernel.money import Rounding

CREDIT_ENDS = datetime(2099, 1, 1, tzinfo=UTC)
amounts = st.integers(0, 5_000_000).map(Micros)
percents = st.integers(0, 1_000_000).map(Ppm)
segment_counts = st.integers(1, 40)


@st.composite
def tier_prices(draw: st.DrawFn) -> tuple[Tier, ...]:
    """Tiers by the segments of a month."""
    ends = sorted(draw(st.sets(st.integers(1, 60), max_size=4)))
    tiers = [Tier(per_segment=draw(amounts), up_to=end) for end in ends]
    return (*tiers, Tier(per_segment=draw(amounts)))


@st.composite
def tariffs(draw: st.DrawFn, charge_on: ChargeOn = ChargeOn.DELIVERY) -> TariffDocument:
    """A tariff of one price for everything and any of the other rules."""
    contract = Contract(
        charge_on=charge_on,
        rounding=draw(st.sampled_from(Rounding)),
        rounding_at=draw(st.sampled_from(RoundingAt)),
        step_micros=draw(st.sampled_from((1, 10, 10_000, 1_000_000))),
    )
    price = Price(
        name="price",
        tiers=draw(tier_prices()),
        volume=draw(st.sampled_from(Volume)),
        minimum=draw(st.none() | amounts),
    )
    return TariffDocument(
        tariff="drawn",
        version=1,
        currency="INR",
        contract=contract,
        price=(price,),
        bundle=tuple(
            Bundle(name=f"b{n}", segments=draw(segment_counts)) for n in range(draw(st.integers(0, 2)))
        ),
        contact=tuple(
            ContactPrice(name="c", per_month=draw(amounts), segments=draw(segment_counts))
            for _ in range(draw(st.integers(0, 1)))
        ),
        surcharge=tuple(
            Surcharge(name="s", attribute="age", per_segment=draw(amounts), per_message=draw(amounts))
            for _ in range(draw(st.integers(0, 1)))
        ),
        discount=tuple(
            Discount(name=f"d{n}", percent=draw(percents)) for n in range(draw(st.integers(0, 2)))
        ),
        credit=tuple(
            Credit(name=f"k{n}", amount=draw(amounts), valid_until=CREDIT_ENDS)
            for n in range(draw(st.integers(0, 2)))
        ),
        tax=tuple(Tax(name=f"t{n}", percent=draw(percents)) for n in range(draw(st.integers(0, 2)))),
    )
