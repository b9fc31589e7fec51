"""Rule 4: some link reaches the destination."""

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import RefusalReason, Submission
from operator_push.domain.ruling import Ruling, passed, refused


class RouteRule:
    """Reads `facts.routes`."""

    number = 4
    name = "route"
    at_sending = False

    _PASS = passed(number)
    _NONE = refused(number, RefusalReason.NO_ROUTE)

    def __init__(self, facts: PolicyFacts) -> None:
        self._facts = facts

    def judge(self, submission: Submission, at_us: int) -> Ruling:
        """NO_ROUTE where no route of the table takes the message."""
        return self._PASS if self._facts.routes.links_for(submission) else self._NONE

    judge_again = judge
