"""Rule 20: promotions come when, and as often as, the person wished of all brands, of one, of a category."""

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import RefusalReason, Submission, TrafficClass
from operator_push.domain.ruling import Ruling, deferred, not_asked, passed, refused

_PROMOTIONAL = TrafficClass.PROMOTIONAL


class ContactWishRule:
    """Reads `facts.wishes` and `facts.clocks`; asked again before sending, when the message's own slot, at
    `facts.own_slot_us`, is among those taken."""

    number = 20
    name = "contact wish"
    version = 3  # by brand, category and channel, too
    at_sending = True
    judges_by_standing = True

    _PASS = passed(number)
    _NOT_ASKED = not_asked(number)
    _TOO_OFTEN = refused(number, RefusalReason.FREQUENCY_CAP)

    def __init__(self, facts: PolicyFacts) -> None:
        self._facts = facts

    def judge(self, submission: Submission, at_us: int) -> Ruling:
        """Deferred to the next wished hour (QUIET_HOURS); FREQUENCY_CAP where a week is full."""
        if not self._facts.wishes.changes:  # nobody has said anything: asked of every message, so asked first
            return self._NOT_ASKED
        return self._judge(submission, at_us, -1, True)

    def judge_again(self, submission: Submission, at_us: int) -> Ruling:
        """The same with the message's own slot taken off; a part that follows has that of the first part."""
        if not self._facts.wishes.changes:
            return self._NOT_ASKED
        own_us = self._facts.own_slot_us
        return self._judge(submission, at_us, own_us, own_us >= 0)

    def _judge(self, submission: Submission, at_us: int, own_us: int, asks_how_often: bool) -> Ruling:
        facts = self._facts
        wishes = facts.wishes
        if submission.traffic_class != _PROMOTIONAL:
            return self._NOT_ASKED
        number, brand_no = submission.subscriber_no, submission.brand_no
        held = wishes.covering(number, brand_no, submission.category, submission.channel)
        if not held:
            return self._PASS
        clock = facts.clocks.clock_of(number, submission.destination)
        until_us = wishes.waits_until([wish for _, wish in held], at_us, clock)
        planned_us = until_us or at_us
        if asks_how_often:
            for scope, wish in held:
                if not wishes.has_room(number, scope, wish, brand_no, planned_us, clock, own_us):
                    return self._TOO_OFTEN
        return deferred(self.number, RefusalReason.QUIET_HOURS, until_us) if until_us else self._PASS
