"""Taxes are parted from amounts that include them, and nothing is lost on the way."""

from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.invoicing.charges import SEGMENTS, Charge, lines_of
from operator_push.domain.invoicing.document import TaxRate
from operator_push.domain.invoicing.taxes import DatedTax, net_of, parted_at, tax_totals, taxes_at

CGST, SGST = TaxRate(name="CGST", ppm=90_000), TaxRate(name="SGST", ppm=90_000)


def test_a_net_amount_is_what_the_rate_was_put_on() -> None:
    assert net_of(118, 180_000) == 100
    assert net_of(100, 0) == 100
    assert net_of(-118, 180_000) == -100


def test_taxes_hold_within_their_validity_and_not_for_the_exempt() -> None:
    taxes = [DatedTax(name="A", ppm=1, valid_from_us=5, valid_until_us=9), DatedTax(name="B", ppm=2)]
    assert [tax.name for tax in taxes_at(taxes, 4)] == ["B"]
    assert [tax.name for tax in taxes_at(taxes, 5)] == ["A", "B"]
    assert [tax.name for tax in taxes_at(taxes, 9)] == ["B"]
    assert taxes_at(taxes, 5, ("A", "B")) == ()


def test_a_period_is_cut_where_rates_change() -> None:
    taxes = [DatedTax(name="A", ppm=1, valid_from_us=5, valid_until_us=20)]
    assert parted_at(taxes, 0, 10) == [(0, 5), (5, 10)]
    assert parted_at(taxes, 5, 20) == [(5, 20)]


@given(
    amounts=st.lists(st.integers(0, 10**15), max_size=9),
    rates=st.lists(st.sampled_from([CGST, SGST, TaxRate(name="CESS", ppm=1)]), unique=True),
)
def test_net_and_taxes_are_the_whole(amounts: list[int], rates: list[TaxRate]) -> None:
    lines = [
        line
        for amount in amounts
        for line in lines_of([Charge(what=SEGMENTS, amount_micros=amount)], tuple(rates))
    ]
    totals = tax_totals(lines)
    assert sum(tax.net_micros + tax.tax_micros for tax in totals) == sum(amounts)
    assert all(tax.tax_micros >= 0 for tax in totals)
