"""What campaign commands print of a size."""

import pytest

from operator_push.cli.campaign_printing import at_most_words, people_told


@pytest.mark.parametrize(("ordered", "told"), [(59, 50), (109, 100), (110, 110), (2_009, 2_000)])
def test_an_order_says_the_size_that_was_counted_whatever_the_floor_is(ordered: int, told: int) -> None:
    """A floor below a hundred sells to fewer."""
    assert people_told({"audience": ordered}).count == told


def test_what_an_order_costs_at_most_tells_no_more() -> None:
    found = {"audience": 55, "segments": 2, "price_micros": 100_000}
    assert at_most_words(found) == at_most_words({**found, "audience": 59}) == "11.80"
