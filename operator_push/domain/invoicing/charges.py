"""Charges: what the ledger has earned from one customer, as groups that become the lines of an invoice.

Laws: the lines sum to the charges to the micro; equal charges are one line, in one stable order. A charge
that is not so many segments at one price each is a line of its own kind, so that units × price is always the
amount of a segment line.
"""

from collections.abc import Iterable

import msgspec

from operator_push.domain.invoicing.document import DocumentLine, TaxRate
from operator_push.domain.invoicing.taxes import net_of

SEGMENTS = "segments"
OTHER = "charges beside the price per segment"
PRICED_AS_ONE = "messages priced as a whole"
LATE = "posted after the invoice of their time"

_Key = tuple[str, str, str, str, str, int]


class Charge(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Charged messages that are alike. `segments` were charged at `unit_price_micros`; what the amount holds
    beyond that are other charges. `what` is SEGMENTS, or says what else was charged."""

    what: str
    amount_micros: int
    messages: int = 0
    segments: int = 0
    unit_price_micros: int = 0
    traffic_class: str = ""
    country: str = ""
    network: str = ""
    tariff: str = ""


def lines_of(charges: Iterable[Charge], taxes: tuple[TaxRate, ...]) -> list[DocumentLine]:
    """The lines of charges that bear the same taxes; what comes to nothing and counts nothing is left out."""
    segments: dict[_Key, list[int]] = {}  # messages, segments
    others: dict[_Key, int] = {}  # micros
    for charge in charges:
        place = (charge.traffic_class, charge.country, charge.network, charge.tariff)
        if charge.segments:
            counts = segments.setdefault((charge.what, *place, charge.unit_price_micros), [0, 0])
            counts[0] += charge.messages
            counts[1] += charge.segments
        if beyond := charge.amount_micros - charge.segments * charge.unit_price_micros:
            what = OTHER if charge.what == SEGMENTS else charge.what
            others[(what, *place, 0)] = others.get((what, *place, 0), 0) + beyond
    lines = [
        _line(key, count * key[-1], count, messages, taxes) for key, (messages, count) in segments.items()
    ]
    lines += [_line(key, amount, 1, 0, taxes) for key, amount in others.items() if amount]
    return sorted(lines, key=_order)


def _line(
    key: _Key, amount_micros: int, units: int, messages: int, taxes: tuple[TaxRate, ...]
) -> DocumentLine:
    what, traffic_class, country, network, tariff, price = key
    return DocumentLine(
        what=what,
        amount_micros=amount_micros,
        net_micros=net_of(amount_micros, sum(tax.ppm for tax in taxes)),
        units=units,
        unit_price_micros=price if messages else amount_micros,
        messages=messages,
        traffic_class=traffic_class,
        country=country,
        network=network,
        tariff=tariff,
        taxes=taxes,
    )


def _order(line: DocumentLine) -> tuple[bool, str, str, str, str, str, int]:
    place = (line.what, line.traffic_class, line.country, line.network, line.tariff)
    return line.what != SEGMENTS, *place, line.unit_price_micros
