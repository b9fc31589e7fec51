"""Rule 6: promotional messages wait, others do not."""

import pytest
from quiet_clocks import quiet_clocks

from operator_push.domain.facts import AccountPolicy, PolicyFacts
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass, Verdict
from operator_push.domain.rules.quiet_hours import QuietHoursRule
from operator_push.domain.ruling import not_asked
from operator_push.kernel.instants import parse_iso

NIGHT, MORNING = parse_iso("2027-01-15T22:00:00Z"), parse_iso("2027-01-16T09:00:00Z")
ACCOUNTS = {1: AccountPolicy(1, 1), 2: AccountPolicy(2, 1, quiet_hours=False)}


def submission(account_no: int, kind: TrafficClass) -> Submission:
    return Submission(account_no, 1, 8, kind, Origin.ESME, 7, "919812345678", "CHAI", 1)


def test_a_promotion_waits_until_the_end_of_the_window() -> None:
    rule = QuietHoursRule(PolicyFacts(accounts=ACCOUNTS, clocks=quiet_clocks("21:00-09:00")))
    night = rule.judge(submission(1, TrafficClass.PROMOTIONAL), NIGHT)
    assert (night.verdict, night.reason) == (Verdict.DEFER, RefusalReason.QUIET_HOURS)
    assert night.defer_until_us == MORNING
    assert rule.judge(submission(1, TrafficClass.PROMOTIONAL), MORNING).verdict is Verdict.ADMIT


@pytest.mark.parametrize(
    ("account_no", "kind", "windows"),
    [
        (1, TrafficClass.TRANSACTIONAL, ["21:00-09:00"]),
        (1, TrafficClass.SERVICE, ["21:00-09:00"]),
        (2, TrafficClass.PROMOTIONAL, ["21:00-09:00"]),
        (1, TrafficClass.PROMOTIONAL, []),
    ],
)
def test_others_are_not_asked(account_no: int, kind: TrafficClass, windows: list[str]) -> None:
    rule = QuietHoursRule(PolicyFacts(accounts=ACCOUNTS, clocks=quiet_clocks(*windows)))
    assert rule.judge(submission(account_no, kind), NIGHT) == not_asked(6)
