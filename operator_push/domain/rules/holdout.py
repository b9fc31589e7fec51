"""Rule 9: the person is in no control group, neither of all promotions nor of this campaign."""

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import RefusalReason, Submission, TrafficClass
from operator_push.domain.ruling import Ruling, not_asked, passed, refused

_PROMOTIONAL = TrafficClass.PROMOTIONAL


class HoldoutRule:
    """Reads `facts.holdout` and `facts.control_of`; asked again before sending.

    Both change with a start or an order alone: what a campaign agreed stands from its approval on.
    """

    number = 9
    name = "holdout"
    version = 2
    at_sending = True
    judges_by_standing = True

    _PASS = passed(number)
    _NOT_ASKED = not_asked(number)
    _HELD_OUT = refused(number, RefusalReason.HOLDOUT)
    _CONTROL = refused(number, RefusalReason.CONTROL_GROUP)

    def __init__(self, facts: PolicyFacts) -> None:
        self._facts = facts

    def judge(self, submission: Submission, at_us: int) -> Ruling:
        """HOLDOUT for members of the group of all promotions, CONTROL_GROUP for those of the campaign's."""
        if submission.traffic_class != _PROMOTIONAL:
            return self._NOT_ASKED
        holdout = self._facts.holdout
        if holdout is not None and holdout.holds(submission.destination):
            return self._HELD_OUT
        control = self._facts.control_of(submission.campaign_no) if submission.campaign_no else None
        if control is not None and control.holds(submission.destination):
            return self._CONTROL
        return self._NOT_ASKED if holdout is None and control is None else self._PASS

    judge_again = judge
