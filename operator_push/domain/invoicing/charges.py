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

_Place = tuple[str, str, str, str]  # class, country, network, tariff
_Key = tuple[str, _Place, int, tuple[TaxRate, ...] | None]


class Charge(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Charged messages that are alike. `segments` were charged at `unit_price_micros`; what the amount holds
    beyond that are other charges. `what` is SEGMENTS, or says what else was charged.

    `taxes`, `net_micros`: what the tariff has said of them; None where it says nothing, so that the
    configured taxes are inside the amount. The line of a tax itself has a net amount of 0.
    """

    what: str
    amount_micros: int
    messages: int = 0
    segments: int = 0
    unit_price_micros: int = 0
    traffic_class: str = ""
    country: str = ""
    network: str = ""
    tariff: str = ""
    taxes: tuple[TaxRate, ...] | None = None
    net_micros: int | None = None


def lines_of(charges: Iterable[Charge], taxes: tuple[TaxRate, ...]) -> list[DocumentLine]:
    """The lines of charges, `taxes` being the configured ones; what comes to nothing and counts nothing is
    left out."""
    segments: dict[_Key, list[int]] = {}  # messages, segments
    others: dict[_Key, list[int]] = {}  # micros, net micros
    for charge in charges:
        place = (charge.traffic_class, charge.country, charge.network, charge.tariff)
        price = charge.unit_price_micros
        if charge.segments:
            counts = segments.setdefault((charge.what, place, price, charge.taxes), [0, 0])
            counts[0] += charge.messages
            counts[1] += charge.segments
        if beyond := charge.amount_micros - charge.segments * price:
            what = OTHER if charge.what == SEGMENTS else charge.what
            sums = others.setdefault((what, place, 0, charge.taxes), [0, 0])
            sums[0] += beyond
            sums[1] += beyond if charge.net_micros is None else charge.net_micros - charge.segments * price
    lines = [
        _line(key, count * key[2], count * key[2], (count, key[2], messages), taxes)
        for key, (messages, count) in segments.items()
    ]
    lines += [
        _line(key, amount, net, (1, amount, 0), taxes) for key, (amount, net) in others.items() if amount
    ]
    return sorted(lines, key=_order)


def _line(
    key: _Key, amount_micros: int, net_micros: int, counted: tuple[int, int, int], taxes: tuple[TaxRate, ...]
) -> DocumentLine:
    what, (traffic_class, country, network, tariff), _, stated = key
    units, unit_price_micros, messages = counted
    return DocumentLine(
        what=what,
        amount_micros=amount_micros,
        net_micros=net_of(amount_micros, sum(tax.ppm for tax in taxes)) if stated is None else net_micros,
        units=units,
        unit_price_micros=unit_price_micros,
        messages=messages,
        traffic_class=traffic_class,
        country=country,
        network=network,
        tariff=tariff,
        taxes=taxes if stated is None else stated,
    )


def _order(line: DocumentLine) -> tuple[int, bool, str, str, str, str, str, int, int]:
    place = (line.what, line.traffic_class, line.country, line.network, line.tariff)
    group = 2 if line.is_tax else int(not line.messages)
    return group, line.what != SEGMENTS, *place, line.unit_price_micros, line.tax_ppm
