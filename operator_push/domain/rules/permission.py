"""Rule 5: the person permits this kind of message, as of now. Unknown is no (laws 4 and 5).

PROMOTIONAL needs a grant of marketing. SERVICE needs a grant of service messages, or one of marketing, and
no stop of service messages. TRANSACTIONAL needs none, but reaches people whom the vault does not know only
for accounts that may address any number.
"""

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import RefusalReason, Submission, TrafficClass
from operator_push.domain.permission import PermissionWord, Purpose
from operator_push.domain.ruling import Ruling, not_asked, passed, refused

_TRANSACTIONAL, _SERVICE = TrafficClass.TRANSACTIONAL, TrafficClass.SERVICE
_YES, _NO = PermissionWord.YES, PermissionWord.NO
_MARKETING_PURPOSE, _SERVICE_PURPOSE = Purpose.MARKETING, Purpose.SERVICE


class PermissionRule:
    """Reads `facts.permission`; asked again before sending."""

    number = 5
    name = "permission"
    at_sending = True
    judges_by_standing = True

    _PASS = passed(number)
    _NOT_ASKED = not_asked(number)
    _NONE = refused(number, RefusalReason.NO_PERMISSION)
    _WITHDRAWN = refused(number, RefusalReason.WITHDRAWN)

    def __init__(self, facts: PolicyFacts) -> None:
        self._facts = facts

    def judge(self, submission: Submission, at_us: int) -> Ruling:
        """NO_PERMISSION where nobody said yes, WITHDRAWN where the person said stop or no."""
        kind = submission.traffic_class
        if kind == _TRANSACTIONAL:
            return self._transactional(submission)
        book = self._facts.permission
        purpose = _SERVICE_PURPOSE if kind == _SERVICE else _MARKETING_PURPOSE
        channel = submission.channel
        said = book.word_of(
            submission.subscriber_no, submission.brand_no, submission.category, purpose, channel
        )
        if said is _YES:
            return self._PASS
        if said is _NO:
            return self._WITHDRAWN
        asked = submission.subscriber_no, submission.brand_no, submission.category
        if kind == _SERVICE and book.allows(*asked, _MARKETING_PURPOSE, channel):
            return self._PASS
        return self._NONE

    judge_again = judge

    def _transactional(self, submission: Submission) -> Ruling:
        if submission.subscriber_no == 0:
            account = self._facts.accounts.get(submission.account_no)
            if account is None or not account.any_destination:
                return self._NONE
        return self._NOT_ASKED
