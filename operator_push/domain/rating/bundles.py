"""Bundles: segments that a month includes are taken before anything is priced, in the document's order."""

from operator_push.domain.rating.draft import Draft
from operator_push.domain.rating.matching import holds


def apply_bundles(draft: Draft) -> None:
    """Cover open segments from what each bundle has left this month, as lines of price 0."""
    for bundle in draft.tariff.bundle:
        if not draft.open_segments or not holds(bundle, draft.facts):
            continue
        used = draft.used_segments.get(bundle.name, 0)
        left = max(bundle.segments - used, 0)
        taken = min(left, draft.open_segments)
        draft.say("bundle", f"{bundle.name}: {taken} of the {left} left of {bundle.segments} a month")
        if taken:
            draft.add(f"bundle {bundle.name}", taken, 0)
            draft.used_segments[bundle.name] = used + taken
            draft.open_segments -= taken
