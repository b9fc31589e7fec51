"""Amounts on paper: micros as decimals, percentages, and names of classes and places in words."""

from collections.abc import Iterable
from decimal import Decimal

from operator_push.domain.invoicing.charges import SEGMENTS
from operator_push.domain.invoicing.document import DocumentLine
from operator_push.kernel.money import MICROS_PER_UNIT, Rounding, divide_micros, format_micros

CENT_MICROS = 10_000


def in_cents(amount_micros: int) -> Decimal:
    """The amount with two decimals, rounded half away from zero, as EN 16931 asks of document amounts."""
    cents = divide_micros(amount_micros, CENT_MICROS, Rounding.HALF_UP)
    return Decimal(cents).scaleb(-2)


def exactly(amount_micros: int) -> str:
    """The amount with all six decimals, for tables that are computed with."""
    sign = "-" if amount_micros < 0 else ""
    units, micros = divmod(abs(amount_micros), MICROS_PER_UNIT)
    return f"{sign}{units}.{micros:06d}"


def for_people(amount_micros: int, decimals: int = 2) -> str:
    """The amount with thousands parted and so many decimals; with more where it needs them."""
    return format_micros(amount_micros, decimals)


def decimals_of(amounts: Iterable[int]) -> int:
    """How many decimals show all of these amounts exactly and alike; two at least."""
    return max((len(format_micros(amount).rpartition(".")[2]) for amount in amounts), default=2)


def percent(ppm: int) -> str:
    """A rate in millionths as a percentage: 18, 12.5."""
    text = f"{ppm // 10_000}.{ppm % 10_000:04d}"
    return text.rstrip("0").rstrip(".")


def what_it_is(line: DocumentLine) -> str:
    """A line in words: class, place, tariff."""
    place = " ".join(part for part in (line.country, line.network) if part)
    parts = [line.traffic_class, f"to {place}" if place else "", line.tariff]
    said = ", ".join(part for part in parts if part)
    if line.what == SEGMENTS:
        return f"SMS {said}".rstrip()
    return f"{line.what[:1].upper()}{line.what[1:]}{f' ({said})' if said else ''}"
