"""Rule 3: destinations."""

import pytest

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass
from operator_push.domain.rules.destination import DestinationRule


@pytest.mark.parametrize(
    ("destination", "good"),
    [
        ("919812345678", True),
        ("2901234", True),
        ("123456789012345", True),
        ("1234567890123456", False),
        ("0919812345678", False),
        ("+919812345678", False),
        ("123456", False),
        ("", False),
        ("91981234567x", False),
        ("٩١٩٨١٢٣٤٥٦٧٨", False),
    ],
)
def test_destination(destination: str, good: bool) -> None:
    submission = Submission(1, 1, 8, TrafficClass.SERVICE, Origin.ESME, 7, destination, "CHAI", 1)
    reason = DestinationRule(PolicyFacts()).judge(submission, 0).reason
    assert reason is (RefusalReason.NONE if good else RefusalReason.BAD_DESTINATION)
