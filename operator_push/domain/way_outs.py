"""Way outs: to whom a brand's first promotional message must say how to end them.

Whoever is reached because a client's list said so, or as somebody's own customer, never asked for it here:
the first promotional message of each brand tells how to leave. Who opted in by an act of their own was told
then. An offer counts from the admission of the message that carries it; where that message never arrives, the
next one carries it.
"""

from pyroaring import BitMap

from operator_push.domain.consent import EVERY, SMS, Purpose
from operator_push.domain.message import Decision, RefusalReason, Verdict
from operator_push.domain.permission import PermissionBook
from operator_push.domain.ruling import ADDED, PASSED, REFUSED

WAY_OUT_RULE_NUMBER = 12  # in stored trails; asked at the door, where the text is (services.offer_way_out)
WAY_OUT_RULE_NAME = "way out"
_NOBODY = BitMap()
_REFUSAL = RefusalReason.NO_WAY_OUT
MARK_ADDED = bytes((WAY_OUT_RULE_NUMBER, ADDED))
MARK_SAID = bytes((WAY_OUT_RULE_NUMBER, PASSED))  # the text says it already
MARK_REFUSED = bytes((WAY_OUT_RULE_NUMBER, REFUSED + _REFUSAL))


class WayOuts:
    """Who was told, by brand, and which open messages carry it; owned by one thread like the book."""

    def __init__(self, permission: PermissionBook) -> None:
        self._permission = permission
        self._told: dict[int, BitMap] = {}
        self.carriers: dict[tuple[int, int], int] = {}  # (brand_no, subscriber_no) → open message_id

    def put(self, brand_no: int, subscriber_no: int, message_id: int = 0) -> None:
        """Somebody was told; by a message that is open still, where there is a `message_id`."""
        self._told.setdefault(brand_no, BitMap()).add(subscriber_no)
        if message_id:
            self.carriers[(brand_no, subscriber_no)] = message_id

    def is_due(self, subscriber_no: int, brand_no: int, category: int, channel: str = SMS) -> bool:
        """Must the next promotional message of this brand to this person say it?"""
        listed = self._permission.listed
        if not listed or subscriber_no in self._told.get(brand_no, _NOBODY):
            return False
        if subscriber_no not in listed.get(brand_no, _NOBODY) and subscriber_no not in listed.get(
            EVERY, _NOBODY
        ):
            return False
        permitted = False
        for record in self._permission.asked(brand_no, category, Purpose.MARKETING, channel):
            if subscriber_no in record.granted:
                if subscriber_no not in record.imported:
                    return False  # asked for by an act of their own
                permitted = True
            elif subscriber_no in record.others:
                permitted = True
        return permitted

    def carrier_of(self, subscriber_no: int, brand_no: int) -> int:
        """The open message that carries the offer, 0 where none does."""
        return self.carriers.get((brand_no, subscriber_no), 0)

    def ended(self, message_id: int, subscriber_no: int, brand_no: int, *, has_arrived: bool) -> bool:
        """A message has ended; True where it was the one that told it and never arrived: it is due again."""
        key = (brand_no, subscriber_no)
        if self.carriers.get(key) != message_id:
            return False
        del self.carriers[key]
        if not has_arrived:
            self._told[brand_no].discard(subscriber_no)
        return not has_arrived


def with_mark(decision: Decision, mark: bytes) -> Decision:
    """The decision with this rule's word; a refusal of another rule stays as it is."""
    if decision.verdict is Verdict.REFUSE:
        return decision
    if mark == MARK_REFUSED:
        return Decision(Verdict.REFUSE, _REFUSAL, 0, decision.trail + mark)
    return Decision(decision.verdict, decision.reason, decision.defer_until_us, decision.trail + mark)
