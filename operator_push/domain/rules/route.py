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
        """NO_ROUTE where no prefix of the routing table starts the number."""
        return self._NONE if self._facts.routes.select_link(submission.destination) is None else self._PASS

    judge_again = judge
