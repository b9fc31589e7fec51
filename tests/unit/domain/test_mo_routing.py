"""A message from a subscriber belongs to the account of its code and keyword."""

import pytest

from operator_push.domain.mo_routing import MoRoute, MoRoutes, keyword_of

ROUTES = MoRoutes(
    [
        MoRoute("56070", "shop"),
        MoRoute("56070", "quiz", "QUIZ"),
        MoRoute("56070", "late", "quiz"),
        MoRoute("57000", "vote", "yes"),
    ]
)


@pytest.mark.parametrize(
    ("short_code", "text", "account"),
    [
        ("56070", "hello", "shop"),
        ("56070", "", "shop"),
        ("56070", "Quiz: B", "quiz"),
        ("56070", "  ｑｕｉｚ b", "quiz"),
        ("56070", "quizzes", "shop"),
        ("57000", "yes!", "vote"),
        ("57000", "no", None),
        ("58000", "quiz", None),
    ],
)
def test_a_keyword_goes_before_the_code_alone(short_code: str, text: str, account: str | None):
    assert ROUTES.account_for(short_code, text) == account


def test_a_keyword_is_the_first_word_without_its_case_or_stops():
    assert keyword_of("Win, now") == "win"
    assert keyword_of(" ") == ""
