"""Taxes of documents: prices include them, so a line is parted into its net amount and its taxes, exactly.

Laws: net + taxes = amount for every line and for the whole, to the micro; an exempt customer's prices hold no
tax. Which taxes apply is a matter of the moment: a rate is valid from one moment up to another.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from operator_push.domain.invoicing.document import DocumentLine, TaxRate, TaxTotal
from operator_push.kernel.money import Rounding, divide_micros

MILLION = 1_000_000


class DatedTax(msgspec.Struct, frozen=True, kw_only=True):
    """A tax that prices include; validity is half-open, None is without end."""

    name: str
    ppm: int
    valid_from_us: int | None = None
    valid_until_us: int | None = None

    def is_valid_at(self, at_us: int) -> bool:
        """True within its validity."""
        begun = self.valid_from_us is None or self.valid_from_us <= at_us
        return begun and (self.valid_until_us is None or at_us < self.valid_until_us)


def taxes_at(taxes: Iterable[DatedTax], at_us: int, exempt: Sequence[str] = ()) -> tuple[TaxRate, ...]:
    """The taxes that apply at a moment; those that are named in `exempt` do not."""
    return tuple(
        TaxRate(name=tax.name, ppm=tax.ppm)
        for tax in taxes
        if tax.is_valid_at(at_us) and tax.name not in exempt
    )


def parted_at(taxes: Iterable[DatedTax], from_us: int, until_us: int) -> list[tuple[int, int]]:
    """A period cut where a tax begins or ends, so that one set of rates holds in each part."""
    bounds = {moment for tax in taxes for moment in (tax.valid_from_us, tax.valid_until_us) if moment}
    edges = [from_us, *sorted(edge for edge in bounds if from_us < edge < until_us), until_us]
    return list(pairwise(edges))


def net_of(amount_micros: int, ppm: int) -> int:
    """The amount without the taxes inside it, rounded half to even on the micro."""
    return divide_micros(amount_micros * MILLION, MILLION + ppm, Rounding.HALF_EVEN)


def tax_totals(lines: Iterable[DocumentLine]) -> tuple[TaxTotal, ...]:
    """The taxes of all lines by set of rates, in the order in which they come.

    Where a line has several taxes each is its share by rate, and the last one takes what rounding leaves, so
    that the parts are the whole; the net amount stands with the first of them alone.
    """
    sums: dict[tuple[TaxRate, ...], list[int]] = {}
    for line in lines:
        entry = sums.setdefault(line.taxes, [0, 0])
        entry[0] += line.net_micros
        entry[1] += line.tax_micros
    totals = []
    for rates, (net, tax) in sums.items():
        if not rates:
            totals.append(TaxTotal(name="", ppm=0, net_micros=net, tax_micros=tax))
        whole, left = sum(rate.ppm for rate in rates), tax
        for place, rate in enumerate(rates):
            is_last = place == len(rates) - 1
            share = left if is_last or not whole else divide_micros(tax * rate.ppm, whole, Rounding.HALF_EVEN)
            left -= share
            totals.append(
                TaxTotal(name=rate.name, ppm=rate.ppm, net_micros=0 if place else net, tax_micros=share)
            )
    return tuple(totals)
