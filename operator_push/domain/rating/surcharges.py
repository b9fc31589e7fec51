"""Surcharges: so much for each targeting attribute that the audience rule uses, on every segment sent."""

from operator_push.domain.rating.draft import Draft
from operator_push.domain.rating.matching import holds


def apply_surcharges(draft: Draft) -> None:
    """Add a line per attribute used; covered segments pay them too, an attribute used twice pays once."""
    used = set(draft.request.attributes)
    for surcharge in draft.tariff.surcharge:
        if surcharge.attribute not in used or not holds(surcharge, draft.facts):
            continue
        what = f"surcharge {surcharge.name}"
        for units, micros in (
            (draft.request.segments, surcharge.per_segment),
            (1, surcharge.per_message),
        ):
            if micros:
                unit_price = draft.converted(micros)
                draft.add(what, units, unit_price)
                sentence = f"{surcharge.name}: the rule uses {surcharge.attribute}, {units} at "
                draft.say("surcharge", sentence + draft.amount(unit_price))
