"""Rule 2: sender addresses."""

import pytest

from operator_push.domain.facts import AccountPolicy, PolicyFacts
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass
from operator_push.domain.rules.source import SourceRule

FACTS = PolicyFacts(
    accounts={
        1: AccountPolicy(1, 1, allowed_sources=frozenset({"CHAI", "56070"})),
        2: AccountPolicy(2, 1),
        3: AccountPolicy(3, 1, allowed_sources=frozenset()),
    }
)


@pytest.mark.parametrize(
    ("account_no", "source", "good"),
    [
        (1, "CHAI", True),
        (1, "56070", True),
        (1, "chai", False),
        (1, "", False),
        (2, "ANYTHING", True),
        (2, "ELEVENCHARS", True),
        (2, "TWELVE CHARS", False),
        (2, "919812345678", True),
        (2, "1" * 20, True),
        (2, "1" * 21, False),
        (2, "", True),
        (3, "CHAI", False),
    ],
)
def test_source(account_no: int, source: str, good: bool) -> None:
    submission = Submission(
        account_no, 1, 8, TrafficClass.PROMOTIONAL, Origin.ESME, 7, "919812345678", source, 1
    )
    reason = SourceRule(FACTS).judge(submission, 0).reason
    assert reason is (RefusalReason.NONE if good else RefusalReason.BAD_SOURCE)
