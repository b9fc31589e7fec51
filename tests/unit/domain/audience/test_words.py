"""Rules in words: sentences that can be read in one way only."""

import pytest

from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.audience.words import attribute_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'age >= 18 && home.city in ["Pune", "Mumbai"]',
            "people whose age is at least 18 years and whose home city is Pune or Mumbai",
        ),
        (
            "spend_30d > 1200 && prepaid && calls_30d <= 5",
            "people whose spend in 30 days is more than 1,200 rupees, who are prepaid"
            " and whose calls in 30 days is at most 5",
        ),
        ('!(device.os == "feature")', "people for whom it is not so that device os is feature"),
        (
            'age < 20 || plan == "x" && language != "hi"',
            "people whose age is less than 20 years or for whom (plan is x and language is not hi)",
        ),
        (
            '(age < 20 || plan == "x") && prepaid',
            "people for whom (age is less than 20 years or plan is x) and who are prepaid",
        ),
        ("age == null", "people whose age is not known"),
        ("age != null", "people whose age is known"),
        ("tenure_days - 30 > -age", "people whose (tenure days minus 30 days) is more than minus age"),
        ("age > 17.5", "people whose age is more than 17.5 years"),
        ("prepaid == true", "people whose prepaid is true"),
        ('plan == ""', "people whose plan is empty"),
        ('plan in ["a", "b", "c"]', "people whose plan is a, b or c"),
        ("plan in []", "people whose plan is one of nothing"),
        ("true", "people for whom always"),
    ],
)
def test_words(text: str, words: str) -> None:
    assert compile_rule(text).words() == words


def test_attribute_words() -> None:
    assert attribute_words("home.city") == "home city"
    assert attribute_words("data_mb_30d") == "data mb in 30 days"
    assert attribute_words("days_since_top_up") == "days since top up"
