"""From a total to what is to be paid: advance first, then the rounding that was named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.invoicing.totals import totals_of
from operator_push.kernel.errors import MoneyInvariantError
from operator_push.kernel.money import Rounding

CENT = 10_000


@pytest.mark.parametrize(
    ("total", "advance", "rounding", "payable"),
    [
        (125_000, 0, Rounding.HALF_EVEN, 120_000),
        (125_000, 0, Rounding.HALF_UP, 130_000),
        (125_000, 5_000, Rounding.HALF_UP, 120_000),
        (125_000, 125_000, Rounding.UP, 0),
        (125_000, 999_999, Rounding.UP, 0),
        (1, 0, Rounding.UP, 10_000),
        (9_999, 0, Rounding.DOWN, 0),
    ],
)
def test_what_is_to_be_paid(total: int, advance: int, rounding: Rounding, payable: int) -> None:
    assert totals_of(total, advance, CENT, rounding).payable_micros == payable


@given(
    total=st.integers(0, 10**15),
    advance=st.integers(-(10**15), 10**15),
    step=st.sampled_from([1, 100, CENT, 1_000_000]),
    rounding=st.sampled_from(Rounding),
)
def test_total_less_prepaid_and_rounding_is_payable(
    total: int, advance: int, step: int, rounding: Rounding
) -> None:
    found = totals_of(total, advance, step, rounding)
    assert found.total_micros - found.prepaid_micros + found.rounding_micros == found.payable_micros
    assert abs(found.rounding_micros) < step
    assert found.payable_micros % step == 0
    assert 0 <= found.prepaid_micros <= total


def test_a_step_must_be_one() -> None:
    with pytest.raises(MoneyInvariantError):
        totals_of(1, 0, 0, Rounding.UP)
