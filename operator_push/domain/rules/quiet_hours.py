"""Rule 6: promotional messages wait until the quiet hours on the person's own clock are over."""

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import RefusalReason, Submission, TrafficClass
from operator_push.domain.ruling import Ruling, deferred, not_asked, passed

_PROMOTIONAL = TrafficClass.PROMOTIONAL


class QuietHoursRule:
    """Reads `facts.clocks` and the account's own switch; asked again before sending."""

    number = 6
    version = 2  # on the person's own clock
    name = "quiet hours"
    at_sending = True
    judges_by_standing = True

    _PASS = passed(number)
    _NOT_ASKED = not_asked(number)

    def __init__(self, facts: PolicyFacts) -> None:
        self._facts = facts
        self._last = deferred(self.number, RefusalReason.QUIET_HOURS, 0)

    def judge(self, submission: Submission, at_us: int) -> Ruling:
        """Deferred to the end of the window; never refused."""
        clocks = self._facts.clocks
        if submission.traffic_class != _PROMOTIONAL or clocks.rules.is_empty:
            return self._NOT_ASKED
        account = self._facts.accounts.get(submission.account_no)
        if account is not None and not account.quiet_hours:
            return self._NOT_ASKED
        until_us = clocks.clock_of(submission.subscriber_no, submission.destination).quiet_until(at_us)
        if not until_us:
            return self._PASS
        last = self._last
        if until_us != last.defer_until_us:  # a night of one country ends for all of it at one moment
            last = self._last = deferred(self.number, RefusalReason.QUIET_HOURS, until_us)
        return last

    judge_again = judge
