"""Rule 3: the destination is the digits of an international number (kernel.numbering)."""

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import RefusalReason, Submission
from operator_push.domain.ruling import Ruling, passed, refused
from operator_push.kernel.numbering import is_msisdn


class DestinationRule:
    """Reads no fact: the shape alone."""

    number = 3
    name = "destination"
    at_sending = False

    _PASS = passed(number)
    _BAD = refused(number, RefusalReason.BAD_DESTINATION)

    def __init__(self, facts: PolicyFacts) -> None:
        del facts

    def judge(self, submission: Submission, at_us: int) -> Ruling:
        """BAD_DESTINATION for anything but 7 to 15 digits without a leading zero."""
        return self._PASS if is_msisdn(submission.destination) else self._BAD

    judge_again = judge
