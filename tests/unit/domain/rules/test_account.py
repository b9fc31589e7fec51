"""Rule 1: accounts."""

import pytest

from operator_push.domain.facts import AccountPolicy, PolicyFacts
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass
from operator_push.domain.rules.account import AccountRule

FACTS = PolicyFacts(
    accounts={
        1: AccountPolicy(1, 1, traffic_class=TrafficClass.SERVICE),
        2: AccountPolicy(2, 1, active=False),
    }
)


@pytest.mark.parametrize(
    ("account_no", "traffic_class", "reason"),
    [
        (1, TrafficClass.PROMOTIONAL, RefusalReason.NONE),
        (1, TrafficClass.SERVICE, RefusalReason.NONE),
        (1, TrafficClass.TRANSACTIONAL, RefusalReason.CLASS_NOT_ALLOWED),
        (2, TrafficClass.PROMOTIONAL, RefusalReason.ACCOUNT_SUSPENDED),
        (3, TrafficClass.PROMOTIONAL, RefusalReason.ACCOUNT_SUSPENDED),
    ],
)
def test_account(account_no: int, traffic_class: TrafficClass, reason: RefusalReason) -> None:
    submission = Submission(account_no, 1, 8, traffic_class, Origin.ESME, 7, "919812345678", "CHAI", 1)
    assert AccountRule(FACTS).judge(submission, 0).reason is reason
