"""Money: integers of micros with a currency, and roundings that have a name.

One micro is a millionth of the currency's unit, so a tenth of a rupee is 100,000 micros. No float enters
or leaves. Prices, quotes and postings on hot paths are bare integers named `*_micros`.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum

from operator_push.kernel.errors import OperatorError

MICROS_PER_UNIT = 1_000_000


class Rounding(Enum):
    """How a quotient becomes whole micros; every call that divides names one."""

    UP = "up"
    DOWN = "down"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An exact amount. Adding two currencies is a programming error and raises ValueError."""

    amount_micros: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}; convert at a dated rate first")
        return Money(self.amount_micros + other.amount_micros, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_micros, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return self + -other

    def times(self, count: int) -> "Money":
        """The amount for `count` whole units."""
        return Money(self.amount_micros * count, self.currency)

    def __str__(self) -> str:
        return f"{format_micros(self.amount_micros)} {self.currency}"


def divide_micros(numerator: int, denominator: int, rounding: Rounding) -> int:
    """numerator / denominator in whole micros, rounded as named.

    Raises:
        ZeroDivisionError: denominator is 0.
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    floor, remainder = divmod(numerator, denominator)
    if remainder == 0:
        return floor
    match rounding:
        case Rounding.DOWN:
            return floor if numerator >= 0 else floor + 1
        case Rounding.UP:
            return floor + 1 if numerator >= 0 else floor
        case Rounding.HALF_UP:
            twice = 2 * remainder
            away_from_zero = floor + 1 if numerator >= 0 else floor
            if twice == denominator:
                return away_from_zero
            return floor + 1 if twice > denominator else floor
        case Rounding.HALF_EVEN:
            twice = 2 * remainder
            if twice == denominator:
                return floor if floor % 2 == 0 else floor + 1
            return floor + 1 if twice > denominator else floor


def parse_amount(text: str) -> int:
    """Micros of a decimal amount as people write it ("100", "0.10").

    Raises:
        OperatorError: not a plain decimal number, or finer than a micro.
    """
    try:
        micros = Decimal(text.strip()) * MICROS_PER_UNIT
        whole = int(micros)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise OperatorError(f"amount {text!r} is not a decimal number such as 250 or 0.10") from error
    if micros != whole:
        raise OperatorError(f"amount {text!r} is finer than a micro (six decimals)")
    return whole


def format_micros(amount_micros: int, decimals: int = 2) -> str:
    """The amount as a decimal text for people; shows more decimals where the amount needs them."""
    sign = "-" if amount_micros < 0 else ""
    units, micros = divmod(abs(amount_micros), MICROS_PER_UNIT)
    fraction = f"{micros:06d}".rstrip("0").ljust(decimals, "0")
    return f"{sign}{units:,}.{fraction}" if fraction else f"{sign}{units:,}"


def to_minor_units(amount_micros: int, exponent: int, rounding: Rounding) -> Decimal:
    """The amount in currency units with `exponent` decimals, for invoices; the rounding is named."""
    step = 10 ** (6 - exponent)
    return Decimal(divide_micros(amount_micros, step, rounding)).scaleb(-exponent)
