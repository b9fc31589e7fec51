"""Rule 7: nobody gets more promotional messages than the caps allow; other traffic is not counted.

A campaign keeps to what sales rules allow besides: so many campaign messages a day, and none soon after a
rival's. It hears the same of both, since nobody is told which other campaign was there.
"""

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import RefusalReason, Submission, TrafficClass
from operator_push.domain.ruling import Ruling, not_asked, passed, refused

_PROMOTIONAL = TrafficClass.PROMOTIONAL


class FrequencyCapRule:
    """Reads `facts.caps`, `facts.clocks` and `facts.reach`; asked again before sending, when the message's
    own slot, at `facts.own_slot_us`, is among those taken."""

    number = 7
    version = 3  # on the person's own clock; and by sales rules
    name = "frequency cap"
    at_sending = True
    judges_by_standing = True

    _PASS = passed(number)
    _NOT_ASKED = not_asked(number)
    _CAPPED = refused(number, RefusalReason.FREQUENCY_CAP)

    def __init__(self, facts: PolicyFacts) -> None:
        self._facts = facts

    def judge(self, submission: Submission, at_us: int) -> Ruling:
        """FREQUENCY_CAP where the moment at which sending is planned has no slot left."""
        return self._judge(submission, at_us, -1)

    def judge_again(self, submission: Submission, at_us: int) -> Ruling:
        """The same with the message's own slot taken off; what has none, a part that follows, has that of its
        message's first part."""
        own_us = self._facts.own_slot_us
        return self._NOT_ASKED if own_us < 0 else self._judge(submission, at_us, own_us)

    def _judge(self, submission: Submission, at_us: int, own_us: int) -> Ruling:
        caps = self._facts.caps
        if submission.traffic_class != _PROMOTIONAL:
            return self._NOT_ASKED
        number = submission.subscriber_no
        if submission.campaign_no and self._facts.reach.refuses(
            submission.campaign_no, number, at_us, own_us >= 0
        ):
            return self._CAPPED
        if caps is None:
            return self._NOT_ASKED
        clock = self._facts.clocks.clock_of(number, submission.destination)
        room = caps.has_room(number, submission.brand_no, at_us, clock, own_us)
        return self._PASS if room else self._CAPPED
