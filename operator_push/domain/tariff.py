"""Tariffs: dated price rows, and the one that applies.

The longest prefix of the destination wins; at equal prefix a row for the traffic class beats one for any
class. Rows are checked as a whole when a tariff is made, so that asking for a price cannot fail.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from operator_push.domain.message import TrafficClass
from operator_push.domain.prefixes import PrefixTable, check_prefix
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso

_KEY = "tariff"


class Pricing(Protocol):
    """What is asked of a tariff: micros per segment, None where no row prices this destination."""

    def price_per_segment(self, destination: str, traffic_class: int, at_us: int) -> int | None: ...


@dataclass(frozen=True, slots=True)
class TariffRow:
    """One price: micros per segment to numbers that start with `prefix` ("" = all).

    `traffic_class` None: any. Valid in [valid_from_us, valid_until_us); None: without end.
    """

    prefix: str
    price_micros: int
    currency: str
    traffic_class: TrafficClass | None = None
    valid_from_us: int = 0
    valid_until_us: int | None = None
    version: int = 1

    def __str__(self) -> str:
        name = self.traffic_class.name.lower() if self.traffic_class else "any class"
        until = "open" if self.valid_until_us is None else iso(self.valid_until_us)
        prefix = self.prefix or "every number"
        return f"{prefix}, {name}, {iso(self.valid_from_us)} to {until}, version {self.version}"

    def is_valid_at(self, at_us: int) -> bool:
        """True within the half-open validity."""
        return self.valid_from_us <= at_us and (self.valid_until_us is None or at_us < self.valid_until_us)


class Tariff:
    """Price rows of one currency."""

    __slots__ = ("_tables", "currency", "rows")

    def __init__(self, rows: Iterable[TariffRow]) -> None:
        """Take rows in any order.

        Raises:
            OperatorError: no row, a bad prefix, price, currency or validity, two currencies, or two rows that
                price the same message at the same moment.
        """
        self.rows: tuple[TariffRow, ...] = tuple(rows)
        if not self.rows:
            raise OperatorError("a tariff needs at least one row", key=_KEY)
        for row in self.rows:
            _check_row(row)
        currencies = sorted({row.currency for row in self.rows})
        if len(currencies) > 1:
            raise OperatorError(
                f"rows are in {' and '.join(currencies)}; a tariff has one currency", key=_KEY
            )
        _check_overlaps(self.rows)
        self.currency = currencies[0]
        self._tables = {int(kind): PrefixTable(_rows_for(self.rows, kind)) for kind in TrafficClass}

    def price_per_segment(self, destination: str, traffic_class: int, at_us: int) -> int | None:
        """Micros for one segment, None where no row prices this destination, class and moment."""
        for row in self._tables[traffic_class].along(destination):
            if row.valid_from_us <= at_us and (row.valid_until_us is None or at_us < row.valid_until_us):
                return row.price_micros
        return None

    def row_for(self, destination: str, traffic_class: int, at_us: int) -> TariffRow | None:
        """The row behind `price_per_segment`, for explaining a price."""
        rows = self._tables[traffic_class].along(destination)
        return next((row for row in rows if row.is_valid_at(at_us)), None)


def _rows_for(rows: Iterable[TariffRow], kind: TrafficClass) -> list[tuple[str, TariffRow]]:
    """Rows that can price a class, those for this class alone first."""
    own = [(row.prefix, row) for row in rows if row.traffic_class == kind]
    return own + [(row.prefix, row) for row in rows if row.traffic_class is None]


def _check_row(row: TariffRow) -> None:
    check_prefix(row.prefix, f"{_KEY}.prefix")
    if row.price_micros < 0:
        raise OperatorError(f"row {row}: a price of {row.price_micros} micros is negative", key=_KEY)
    if not (len(row.currency) == 3 and row.currency.isascii() and row.currency.isupper()):
        raise OperatorError(
            f"row {row}: currency {row.currency!r} is not an ISO 4217 code such as INR", key=_KEY
        )
    if row.valid_until_us is not None and row.valid_until_us <= row.valid_from_us:
        raise OperatorError(f"row {row}: valid_until is not after valid_from", key=_KEY)


def _check_overlaps(rows: Iterable[TariffRow]) -> None:
    """Rows of one prefix and class may follow each other in time, never coincide."""
    groups: dict[tuple[str, TrafficClass | None], list[TariffRow]] = {}
    for row in rows:
        groups.setdefault((row.prefix, row.traffic_class), []).append(row)
    for group in groups.values():
        group.sort(key=lambda row: row.valid_from_us)
        for earlier, later in pairwise(group):
            if earlier.valid_until_us is None or later.valid_from_us < earlier.valid_until_us:
                raise OperatorError(
                    f"two rows price the same messages at the same time: ({earlier}) and ({later});"
                    " end the first where the second begins",
                    key=_KEY,
                )
