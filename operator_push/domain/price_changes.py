"""Price changes: what becomes of a tariff's rows where one price changes from a moment on.

Pure: rows in, rows out. Rows of one prefix and class may follow each other, never coincide, so what a new
price takes away from an old one is cut out of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from operator_push.domain.message import TrafficClass
from operator_push.domain.tariff import TariffRow


def with_price(rows: Iterable[TariffRow], price: TariffRow) -> list[TariffRow]:
    """The rows where `price` applies throughout its validity, and the others as before.

    A price without an end lasts until the next row of its prefix and class that is planned already.
    """
    before = list(rows)
    if price.valid_until_us is None:
        price = replace(price, valid_until_us=_next_start_us(before, price))
    cut = without_price(before, price.prefix, price.traffic_class, price.valid_from_us, price.valid_until_us)
    return [*cut, price]


def without_price(
    rows: Iterable[TariffRow],
    prefix: str,
    traffic_class: TrafficClass | None,
    from_us: int,
    until_us: int | None = None,
) -> list[TariffRow]:
    """The rows without any price for this very prefix and class in [from_us, until_us); None: without end."""
    kept: list[TariffRow] = []
    for row in rows:
        if row.prefix == prefix and row.traffic_class == traffic_class:
            kept += _outside(row, from_us, until_us)
        else:
            kept.append(row)
    return kept


def _outside(row: TariffRow, from_us: int, until_us: int | None) -> Iterator[TariffRow]:
    """What of a row's validity lies before and after a span: none, one or two rows."""
    if row.valid_from_us < from_us:
        end = from_us if row.valid_until_us is None else min(row.valid_until_us, from_us)
        yield replace(row, valid_until_us=end)
    if until_us is not None and (row.valid_until_us is None or row.valid_until_us > until_us):
        yield replace(row, valid_from_us=max(row.valid_from_us, until_us))


def _next_start_us(rows: Iterable[TariffRow], price: TariffRow) -> int | None:
    starts = [
        row.valid_from_us
        for row in rows
        if row.prefix == price.prefix
        and row.traffic_class == price.traffic_class
        and row.valid_from_us > price.valid_from_us
    ]
    return min(starts, default=None)
