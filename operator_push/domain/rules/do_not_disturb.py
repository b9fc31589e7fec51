"""Rule 8: the national register blocks no promotion of this kind to this number, or only at other times."""

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import RefusalReason, Submission, TrafficClass
from operator_push.domain.ruling import Ruling, deferred, not_asked, passed, refused

_PROMOTIONAL = TrafficClass.PROMOTIONAL


class DoNotDisturbRule:
    """Reads `facts.dnd` and `facts.clocks`; asked again before sending."""

    number = 8
    name = "do not disturb"
    at_sending = True
    judges_by_standing = True

    _PASS = passed(number)
    _NOT_ASKED = not_asked(number)
    _BLOCKED = refused(number, RefusalReason.DO_NOT_DISTURB)

    def __init__(self, facts: PolicyFacts) -> None:
        self._facts = facts

    def judge(self, submission: Submission, at_us: int) -> Ruling:
        """DO_NOT_DISTURB where the category is blocked; deferred where the hour is."""
        facts = self._facts
        if submission.traffic_class != _PROMOTIONAL or not facts.dnd.changes:
            return self._NOT_ASKED
        msisdn, dnd = submission.destination, facts.dnd
        if int(msisdn) not in dnd.numbers or not dnd.concerns(msisdn, submission.channel):
            return self._PASS
        if dnd.blocks(msisdn, submission.category):
            return self._BLOCKED
        clock = dnd.clock_of(msisdn, facts.clocks.clock_of(submission.subscriber_no, msisdn))
        until_us = clock.quiet_until(at_us) if clock is not None else 0
        return deferred(self.number, RefusalReason.DO_NOT_DISTURB, until_us) if until_us else self._PASS

    judge_again = judge
