"""Money is exact, and every rounding does what its name says."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import (
    MICROS_PER_UNIT,
    Money,
    Rounding,
    divide_micros,
    format_micros,
    parse_amount,
    to_minor_units,
)

WHOLE = st.integers(-(10**15), 10**15)
NOT_ZERO = st.integers(-(10**6), 10**6).filter(bool)

# numerator / denominator    up  down  half_up  half_even
ROUNDING = """
   7 /  2     4   3   4   4
   5 /  2     3   2   3   2
   3 /  2     2   1   2   2
   1 /  2     1   0   1   0
   1 /  3     1   0   0   0
   2 /  3     1   0   1   1
   6 /  3     2   2   2   2
   0 /  5     0   0   0   0
  -1 /  2    -1   0  -1   0
  -3 /  2    -2  -1  -2  -2
  -5 /  2    -3  -2  -3  -2
  -1 /  3    -1   0   0   0
  -2 /  3    -1   0  -1  -1
   1 / -2    -1   0  -1   0
  -5 / -2     3   2   3   2
"""


@pytest.mark.parametrize("row", ROUNDING.strip().splitlines(), ids=str.strip)
def test_the_table_of_roundings(row: str) -> None:
    quotient, _, results = row.partition("/")
    denominator, *expected = results.split()
    modes = (Rounding.UP, Rounding.DOWN, Rounding.HALF_UP, Rounding.HALF_EVEN)
    got = [divide_micros(int(quotient), int(denominator), rounding) for rounding in modes]
    assert got == [int(text) for text in expected]


@given(WHOLE, NOT_ZERO)
def test_each_rounding_stays_within_what_its_name_allows(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    up = divide_micros(numerator, denominator, Rounding.UP)
    down = divide_micros(numerator, denominator, Rounding.DOWN)
    half_up = divide_micros(numerator, denominator, Rounding.HALF_UP)
    half_even = divide_micros(numerator, denominator, Rounding.HALF_EVEN)
    assert abs(down) <= abs(exact) <= abs(up)
    assert abs(up) - abs(down) <= 1
    assert abs(half_up - exact) <= Fraction(1, 2)
    assert abs(half_even - exact) <= Fraction(1, 2)
    if abs(half_even - exact) == Fraction(1, 2):
        assert half_even % 2 == 0
        assert abs(half_up) > abs(exact)
    assert half_even == round(exact)


@given(WHOLE, NOT_ZERO, st.sampled_from(Rounding))
def test_rounding_does_not_know_signs_apart(numerator: int, denominator: int, rounding: Rounding) -> None:
    assert divide_micros(-numerator, denominator, rounding) == -divide_micros(
        numerator, denominator, rounding
    )
    assert divide_micros(-numerator, -denominator, rounding) == divide_micros(
        numerator, denominator, rounding
    )


def test_nothing_is_divided_by_zero() -> None:
    with pytest.raises(ZeroDivisionError):
        divide_micros(1, 0, Rounding.UP)


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("100", 100_000_000),
        ("0.10", 100_000),
        (" 0.000001 ", 1),
        ("-2.5", -2_500_000),
        ("0", 0),
        ("1e2", 10**8),
    ],
)
def test_amounts_as_people_write_them(text: str, micros: int) -> None:
    assert parse_amount(text) == micros


@pytest.mark.parametrize("text", ["", "ten", "1,5", "0.0000001", "NaN", "Infinity", "-Infinity", "1/2"])
def test_what_is_no_amount_is_refused_by_name(text: str) -> None:
    with pytest.raises(OperatorError, match="amount"):
        parse_amount(text)


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "0.00"),
        (100_000, "0.10"),
        (1, "0.000001"),
        (-2_500_000, "-2.50"),
        (1_234_567_000_000, "1,234,567.00"),
    ],
)
def test_amounts_as_people_read_them(micros: int, text: str) -> None:
    assert format_micros(micros) == text


@given(WHOLE)
def test_what_is_shown_can_be_read_back(micros: int) -> None:
    assert parse_amount(format_micros(micros).replace(",", "")) == micros


@given(WHOLE, WHOLE, st.integers(0, 1000))
def test_money_adds_up_in_one_currency(first: int, second: int, count: int) -> None:
    a, b = Money(first, "INR"), Money(second, "INR")
    assert a + b == b + a
    assert (a + b) - b == a
    assert a - a == Money(0, "INR")
    assert sum((a for _ in range(count)), Money(0, "INR")) == a.times(count)


def test_two_currencies_never_meet() -> None:
    with pytest.raises(ValueError, match="cannot add EUR to INR"):
        Money(1, "INR") + Money(1, "EUR")


@pytest.mark.parametrize(
    ("micros", "exponent", "rounding", "shown"),
    [
        (1_005_000, 2, Rounding.HALF_UP, "1.01"),
        (1_005_000, 2, Rounding.HALF_EVEN, "1.00"),
        (1_001_000, 2, Rounding.UP, "1.01"),
        (1_500_000, 0, Rounding.DOWN, "1"),
        (1_234_567, 3, Rounding.DOWN, "1.234"),
    ],
)
def test_invoices_round_by_name(micros: int, exponent: int, rounding: Rounding, shown: str) -> None:
    assert to_minor_units(micros, exponent, rounding) == Decimal(shown)
    assert str(to_minor_units(micros, exponent, rounding)) == shown


def test_a_unit_has_a_million_micros() -> None:
    assert parse_amount("1") == MICROS_PER_UNIT
