"""Rule 9: the person is not in the control group that gets no promotions."""

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import RefusalReason, Submission, TrafficClass
from operator_push.domain.ruling import Ruling, not_asked, passed, refused

_PROMOTIONAL = TrafficClass.PROMOTIONAL


class HoldoutRule:
    """Reads `facts.holdout`."""

    number = 9
    name = "holdout"
    at_sending = False

    _PASS = passed(number)
    _NOT_ASKED = not_asked(number)
    _HELD_OUT = refused(number, RefusalReason.HOLDOUT)

    def __init__(self, facts: PolicyFacts) -> None:
        self._facts = facts

    def judge(self, submission: Submission, at_us: int) -> Ruling:
        """HOLDOUT for members of the group."""
        holdout = self._facts.holdout
        if holdout is None or submission.traffic_class != _PROMOTIONAL:
            return self._NOT_ASKED
        return self._HELD_OUT if holdout.holds(submission.destination) else self._PASS

    judge_again = judge
