"""The outlook of a quote: conditions, best hours, and nothing that is made up."""

import pytest

from operator_push.cli.quote_outlook import HOUR_MESSAGES_MIN, best_hours, conditions_of
from operator_push.store.campaign_history import History, Outcome

EIGHT_US = 1_800_000_000_000_000  # 2027-01-15T08:00:00Z
HOUR_US = 3_600_000_000


@pytest.mark.parametrize(
    ("rule", "conditions"),
    [
        ("age >= 18", ["age >= 18"]),
        ("age >= 18 && prepaid", ["age >= 18", "prepaid"]),
        ('(a || b) && c == "&&" && d in [1, 2]', ["(a || b)", 'c == "&&"', "d in [1, 2]"]),
        ("age >= 18 && prepaid || roams", ["age >= 18 && prepaid || roams"]),
        ("prepaid ? age > 3 && b : c", ["prepaid ? age > 3 && b : c"]),
    ],
)
def test_conditions_are_those_joined_at_the_top(rule: str, conditions: list[str]) -> None:
    assert conditions_of(rule) == conditions


def test_the_best_hours_are_those_that_were_answered() -> None:
    def delivered(hour: int, answered: int, messages: int = HOUR_MESSAGES_MIN) -> list[Outcome]:
        at_us = EIGHT_US + (hour - 8) * HOUR_US
        return [Outcome(number, at_us, number < answered, False) for number in range(messages)]

    seen = delivered(8, 5) + delivered(9, 20) + delivered(10, 0) + delivered(11, 9, messages=10)
    assert best_hours(History(len(seen), tuple(seen)), "UTC") == [9, 8]
    assert best_hours(History(0, ()), "UTC") == []
    assert best_hours(History(len(seen), tuple(seen)), "Asia/Kolkata") == [14, 13]
