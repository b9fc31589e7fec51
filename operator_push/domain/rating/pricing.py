"""Pricing: `rate`, the rules in their one order.

Contract and price are chosen; bundles, then the contact's month cover segments; the segment price is for the
rest, with its minimum; surcharges; discounts; credit; taxes; rounding. Pure: the same arguments, the same
rating.
"""

from operator_push.domain.rating.bundles import apply_bundles
from operator_push.domain.rating.contacts import apply_contact_price
from operator_push.domain.rating.contract import RoundingAt, is_charged
from operator_push.domain.rating.currencies import converter_for
from operator_push.domain.rating.discounts import apply_credits, apply_discounts
from operator_push.domain.rating.document import Price, TariffDocument
from operator_push.domain.rating.draft import Draft
from operator_push.domain.rating.matching import facts_of, select_price
from operator_push.domain.rating.segment_prices import apply_segment_price
from operator_push.domain.rating.surcharges import apply_surcharges
from operator_push.domain.rating.taxes import apply_taxes
from operator_push.domain.rating.values import NO_USAGE, Line, Rating, RatingRequest, Unpriced, Usage


def rate(request: RatingRequest, tariff: TariffDocument, usage: Usage = NO_USAGE) -> Rating | Unpriced:
    """The price of one message by one version of a tariff.

    Raises:
        ValueError: the request has no segment.
    """
    if request.segments < 1:
        raise ValueError(
            f"a message of {request.segments} segments has no price; an empty text is one segment"
        )
    facts = facts_of(request, tariff)
    converter = converter_for(tariff, request.account, request.at_us, request.currency)
    if converter is None:
        return Unpriced(f"{tariff.tariff} has no rate for the account's currency at that time")
    draft = Draft(request, tariff, facts, usage, converter)
    _say_contract(draft)
    price, others = select_price(tariff, facts)
    if price is None:
        return Unpriced(
            f"no price of {tariff.tariff} version {tariff.version} holds this message", tuple(draft.applied)
        )
    _say_price(draft, price, others)
    if request.state is None or is_charged(draft.contract, request.state):
        apply_bundles(draft)
        apply_contact_price(draft)
        apply_segment_price(draft, price)
        apply_surcharges(draft)
        apply_discounts(draft)
        apply_credits(draft)
        apply_taxes(draft)
        _round_message(draft)
    else:
        draft.say("contract", f"a message that is {request.state.name} is not charged")
    return Rating(
        segments=request.segments,
        lines=tuple(draft.lines),
        total_micros=draft.total_micros,
        currency=converter.currency,
        tariff=tariff.tariff,
        version=tariff.version,
        applied=tuple(draft.applied),
        price=price.name,
        segments_micros=draft.segments_micros,
        usage=Usage(
            segments=draft.used_segments,
            contact_segments=draft.used_contacts,
            credit_micros=draft.credit_micros,
        ),
    )


def _say_contract(draft: Draft) -> None:
    contract, tariff = draft.contract, draft.tariff
    draft.say("tariff", f"{tariff.tariff} version {tariff.version}, times in {tariff.zone}")
    step = f" to {contract.step_micros} micros" if contract.step_micros > 1 else ""
    draft.say(
        "contract",
        f"charged on {contract.charge_on.value}; rounded {contract.rounding.value}"
        f"{step} at the {contract.rounding_at.value}",
    )
    if draft.facts.network:
        how = "ported" if draft.request.ported_network else "by number range"
        draft.say("network", f"{draft.facts.network}, {how}")


def _say_price(draft: Draft, price: Price, others: tuple[Price, ...]) -> None:
    over = f", before {', '.join(each.name for each in others)}" if others else ""
    draft.say("price", f"{price.name} is the most exact{over}")


def _round_message(draft: Draft) -> None:
    if draft.contract.rounding_at is not RoundingAt.MESSAGE:
        return
    difference = draft.rounded(draft.total_micros) - draft.total_micros
    if difference:
        draft.lines.append(Line("rounding", 1, difference, difference))
        draft.say("rounding", f"the message is rounded by {difference} micros")
