"""Scrub content: sender and text of a message against the DLT register, where the law asks for it.

Done once at the door, after the policy has admitted a message, since the rules see no text; the outcome is
stored in the same trail as rule 10. Where no client is registered for a brand, its messages are refused.
"""

from collections.abc import Callable
from typing import NamedTuple

from operator_push.domain.dlt_register import DLT_RULE_NUMBER, DltRegister
from operator_push.domain.message import Decision, RefusalReason, Verdict
from operator_push.domain.ruling import NOT_ASKED, PASSED, REFUSED
from operator_push.services.accept_submissions import Offered

_NOT_ASKED = bytes((DLT_RULE_NUMBER, NOT_ASKED))
_PASSED = bytes((DLT_RULE_NUMBER, PASSED))


class Content(NamedTuple):
    """What a message says: its text, and the ids that its client states in TLVs ("" where it does not)."""

    text: str
    entity_id: str = ""
    template_id: str = ""


class ScrubContent:
    """The use case. `is_asked` tells by the number whether its country has such a register."""

    def __init__(
        self,
        register: DltRegister,
        content_of: Callable[[Offered], Content],
        is_asked: Callable[[str], bool],
        brand_name: Callable[[int], str],
    ) -> None:
        self._register = register
        self._content_of = content_of
        self._is_asked = is_asked
        self._brand_name = brand_name

    def scrub(self, offer: Offered, decision: Decision) -> Decision:
        """The decision with this rule's word; a refusal stays as it is."""
        if decision.verdict == Verdict.REFUSE:
            return decision
        submission = offer.submission
        if not self._is_asked(submission.destination):
            return _with(decision, _NOT_ASKED)
        reason = self._fault(offer)
        if reason is RefusalReason.NONE:
            return _with(decision, _PASSED)
        mark = bytes((DLT_RULE_NUMBER, REFUSED + reason))
        return Decision(Verdict.REFUSE, reason, 0, decision.trail + mark)

    def _fault(self, offer: Offered) -> RefusalReason:
        submission, content = offer.submission, self._content_of(offer)
        kind = submission.traffic_class
        entity = self._register.entity_of(self._brand_name(submission.brand_no))
        if entity is None or (content.entity_id and content.entity_id != entity):
            return RefusalReason.BAD_HEADER
        if not self._register.header_fits(submission.source, entity, kind):
            return RefusalReason.BAD_HEADER
        part = (offer.part.part, offer.part.total) if offer.part is not None else (1, 1)
        found = self._register.template_of(content.text, entity, kind, content.template_id, part)
        return RefusalReason.NONE if found is not None else RefusalReason.BAD_TEMPLATE


def _with(decision: Decision, mark: bytes) -> Decision:
    return Decision(decision.verdict, decision.reason, decision.defer_until_us, decision.trail + mark)
