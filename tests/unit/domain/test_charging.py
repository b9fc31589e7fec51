"""Charging: held is the most it can cost, earned is what was delivered, and the two add up."""

import pytest

from operator_push.domain.charging import quote_hold, settlement
from operator_push.kernel.errors import MoneyInvariantError


def test_every_segment_is_held_and_only_delivered_ones_are_earned() -> None:
    held = quote_hold(100_000, 3)
    assert held == 300_000
    assert settlement(100_000, 3, held) == (300_000, 0)
    assert settlement(100_000, 1, held) == (100_000, 200_000)
    assert settlement(100_000, 0, held) == (0, 300_000)
    assert settlement(0, 2, 0) == (0, 0)


@pytest.mark.parametrize(("price", "segments"), [(-1, 1), (1, 0), (1, -1)])
def test_holds_that_cannot_be(price: int, segments: int) -> None:
    with pytest.raises(MoneyInvariantError):
        quote_hold(price, segments)


@pytest.mark.parametrize(("price", "delivered", "held"), [(100, 4, 300), (-1, 1, 10), (1, -1, 10)])
def test_settlements_that_cannot_be(price: int, delivered: int, held: int) -> None:
    with pytest.raises(MoneyInvariantError):
        settlement(price, delivered, held)
