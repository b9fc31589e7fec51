"""Contact prices ("hotline"): a contact's first message of a month pays, and covers its next ones."""

from operator_push.domain.rating.draft import Draft
from operator_push.domain.rating.matching import holds


def apply_contact_price(draft: Draft) -> None:
    """Cover open segments by the first contact price that holds this message; the rest stays open.

    The month is paid by the first message that needs it, once, even where it covers fewer segments than that
    message has.
    """
    if not draft.open_segments:
        return
    contact = next((each for each in draft.tariff.contact if holds(each, draft.facts)), None)
    if contact is None:
        return
    used = draft.used_contacts.get(contact.name)
    if used is None:
        per_month = draft.converted(contact.per_month)
        draft.add(f"contact {contact.name}, month", 1, per_month)
        draft.say("contact", f"{contact.name}: the contact's month begins, {draft.amount(per_month)}")
        used = 0
    left = max(contact.segments - used, 0)
    taken = min(left, draft.open_segments)
    draft.say("contact", f"{contact.name}: {taken} of the {left} left of {contact.segments} a month")
    if taken:
        draft.add(f"contact {contact.name}", taken, 0)
    draft.used_contacts[contact.name] = used + taken
    draft.open_segments -= taken
