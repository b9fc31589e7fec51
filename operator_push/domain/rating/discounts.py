"""Discounts and promotional credit: what makes the net amount less, never below nothing."""

from operator_push.domain.rating.draft import Draft, percent_text
from operator_push.domain.rating.matching import holds


def apply_discounts(draft: Draft) -> None:
    """Take each discount off what was there before the first of them; together at most all of it."""
    subtotal = draft.total_micros
    for discount in draft.tariff.discount:
        if holds(discount, draft.facts):
            off = min(draft.share(subtotal, discount.percent), draft.total_micros)
            draft.say(
                "discount", f"{discount.name}: {percent_text(discount.percent)} off, {draft.amount(off)}"
            )
            if off > 0:
                draft.add(f"discount {discount.name}", 1, -off)


def apply_credits(draft: Draft) -> None:
    """Pay with promotional credit, the one that expires first before the others."""
    found = [each for each in draft.tariff.credit if holds(each, draft.facts)]
    for credit in sorted(found, key=lambda each: (each.valid_until is None, each.valid_until)):
        used = draft.credit_micros.get(credit.name, 0)
        left = draft.usable(max(draft.converted(credit.amount) - used, 0))
        taken = min(left, draft.total_micros)
        until = f", until {credit.valid_until.isoformat()}" if credit.valid_until else ""
        draft.say("credit", f"{credit.name}: {draft.amount(taken)} of {draft.amount(left)} left{until}")
        if taken > 0:
            draft.add(f"credit {credit.name}", 1, -taken)
            draft.credit_micros[credit.name] = used + taken
