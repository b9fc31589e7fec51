"""Closing a month: what only the whole month can tell of an account's segments.

All-units prices give back what the month's earlier messages paid over the tier that was reached. A bundle's
monthly price is a line here too. Laws: before discounts and taxes, the messages' lines by an all-units price
plus its line here are the month's segments times the price of the tier reached.
"""

from collections.abc import Mapping

from operator_push.domain.rating.currencies import Converter
from operator_push.domain.rating.document import TariffDocument, Volume
from operator_push.domain.rating.segment_prices import unit_price_at
from operator_push.domain.rating.values import Line


def close_month(
    tariff: TariffDocument,
    account: str,
    segments: Mapping[str, int],
    paid_micros: Mapping[str, int],
    converter: Converter,
) -> tuple[Line, ...]:
    """The lines that close an account's month.

    `segments` counted in the month and `paid_micros` of segment lines, both by the name of the price; the
    converter is that of the moment of closing.
    """
    lines = []
    for price in tariff.price:
        counted = segments.get(price.name, 0)
        if price.volume is Volume.ALL_UNITS and price.tiers and counted:
            owed = counted * converter.convert(unit_price_at(price, counted))
            difference = owed - paid_micros.get(price.name, 0)
            if difference:
                lines.append(Line(f"all units of {price.name} at {counted}", 1, difference, difference))
    for bundle in tariff.bundle:
        if bundle.per_month and (bundle.accounts is None or account in bundle.accounts):
            per_month = converter.convert(bundle.per_month)
            lines.append(Line(f"bundle {bundle.name}, month", 1, per_month, per_month))
    return tuple(lines)
