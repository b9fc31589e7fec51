"""Segment prices: the price of open segments, plain or by volume tiers, and the minimum of a message.

Graduated: each segment by the tier of its own number in the month. All-units: a message by the tier that its
last segment reaches; what earlier messages of the month then paid too much is given back when the month is
closed (`closing`), never by a message, so that no message has a negative price.
"""

from collections.abc import Iterator, Sequence

from operator_push.domain.rating.document import Micros, Price, Tier, Volume
from operator_push.domain.rating.draft import Draft


def apply_segment_price(draft: Draft, price: Price) -> None:
    """Price the open segments, count them for the month, and see to the minimum."""
    if not draft.open_segments:
        draft.say("minimum", "nothing is left to price, so no segment price and no minimum")
        return
    before = draft.total_micros
    used = draft.used_segments.get(price.name, 0)
    for units, micros, what in _parts(price, used, draft.open_segments):
        unit_price = draft.converted(micros)
        draft.add(f"segments, {what}", units, unit_price)
        draft.say("segments", f"{units} at {draft.amount(unit_price)} by {what}")
    draft.used_segments[price.name] = used + draft.open_segments
    draft.open_segments = 0
    draft.segments_micros = draft.total_micros - before
    if price.minimum is not None:
        minimum = draft.converted(price.minimum)
        missing = minimum - (draft.total_micros - before)
        if missing > 0:
            draft.add("minimum charge", 1, missing)
            draft.say("minimum", f"{draft.amount(missing)} more to the minimum of {draft.amount(minimum)}")


def unit_price_at(price: Price, number: int) -> int:
    """Micros of the month's segment `number` (from 1) by itself, in the tariff's currency."""
    return next(tier.per_segment for tier in tiers_of(price) if tier.up_to is None or number <= tier.up_to)


def tiers_of(price: Price) -> Sequence[Tier]:
    """The tiers of a price; a plain price is one tier without end."""
    return price.tiers or (Tier(per_segment=price.per_segment or Micros(0)),)


def _parts(price: Price, used: int, segments: int) -> Iterator[tuple[int, int, str]]:
    if price.tiers is None:
        yield segments, unit_price_at(price, 1), price.name
        return
    if price.volume is Volume.ALL_UNITS:
        reached = used + segments
        yield segments, unit_price_at(price, reached), f"{price.name}, all units at {reached} this month"
        return
    begun = 0
    for tier in price.tiers:
        end = used + segments if tier.up_to is None else min(tier.up_to, used + segments)
        units = end - max(begun, used)
        if units > 0:
            name = f"up to {tier.up_to}" if tier.up_to is not None else f"over {begun}"
            yield units, tier.per_segment, f"{price.name}, {name} this month"
        begun = tier.up_to or begun
