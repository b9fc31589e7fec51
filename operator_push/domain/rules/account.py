"""Rule 1: the account exists, is active, and claims no better class of traffic than it was given.

Nobody is transactional by default: the less permission a class needs, the more it must have been granted.
"""

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import RefusalReason, Submission
from operator_push.domain.ruling import Ruling, passed, refused


class AccountRule:
    """Reads `facts.accounts`."""

    number = 1
    name = "account"
    at_sending = False
    judges_account_alone = True

    _PASS = passed(number)
    _SUSPENDED = refused(number, RefusalReason.ACCOUNT_SUSPENDED)
    _CLASS = refused(number, RefusalReason.CLASS_NOT_ALLOWED)

    def __init__(self, facts: PolicyFacts) -> None:
        self._facts = facts

    def judge(self, submission: Submission, at_us: int) -> Ruling:
        """ACCOUNT_SUSPENDED for an unknown or inactive account, CLASS_NOT_ALLOWED for too good a class."""
        account = self._facts.accounts.get(submission.account_no)
        if account is None or not account.active:
            return self._SUSPENDED
        if submission.traffic_class < account.traffic_class:
            return self._CLASS
        return self._PASS

    judge_again = judge
