"""Totals: from lines to what is to be paid. total - prepaid + rounding = payable, all in micros."""

from typing import NamedTuple

from operator_push.kernel.errors import MoneyInvariantError
from operator_push.kernel.money import Rounding, divide_micros


class Totals(NamedTuple):
    """What a document comes to; `rounding_micros` is a line of its own and may be negative."""

    total_micros: int
    prepaid_micros: int
    rounding_micros: int
    payable_micros: int


def totals_of(total_micros: int, advance_micros: int, step_micros: int, rounding: Rounding) -> Totals:
    """What is to be paid of a total, of which at most `advance_micros` has been paid already.

    What is left is rounded, as named, to a multiple of `step_micros`. Nothing left is 0 whatever the
    rounding: who has paid in advance owes nothing.

    Raises:
        MoneyInvariantError: a step that is not positive.
    """
    if step_micros <= 0:
        raise MoneyInvariantError(f"cannot round to multiples of {step_micros} micros")
    prepaid = max(0, min(total_micros, advance_micros))
    left = total_micros - prepaid
    payable = divide_micros(left, step_micros, rounding) * step_micros
    return Totals(total_micros, prepaid, payable - left, payable)
