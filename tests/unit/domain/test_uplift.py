"""Uplift: a difference of proportions with its interval, and the price of what would not have been."""

import pytest

from operator_push.domain.uplift import Group, price_of_more, uplift, wilson


def test_the_interval_is_newcombe_s() -> None:
    """The first example of Newcombe (1998), 56 of 70 beside 48 of 80: 0.0524 to 0.3339 by method 10."""
    found = uplift(Group(70, 56), Group(80, 48))
    assert found is not None
    assert found.difference == pytest.approx(0.2)
    assert (found.lower, found.upper) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


def test_nothing_among_few_is_no_certainty() -> None:
    """Another one of his, 0 of 10 beside 0 of 20: nobody knows yet."""
    found = uplift(Group(10, 0), Group(20, 0))
    assert found is not None
    assert (found.difference, round(found.lower, 4), round(found.upper, 4)) == (0.0, -0.1611, 0.2775)
    assert uplift(Group(0, 0), Group(20, 1)) is None
    assert uplift(Group(20, 1), Group(0, 0)) is None
    assert wilson(Group(0, 0)) == (0.0, 1.0)


def test_only_what_is_more_than_among_the_controls_has_a_price() -> None:
    treated, controls = Group(900, 90), Group(100, 5)
    assert price_of_more(90_000_000, treated, controls) == 2_000_000, "45 of 900 would have come anyway"
    assert price_of_more(90_000_000, treated, Group(100, 10)) is None
    assert price_of_more(90_000_000, Group(0, 0), controls) is None
