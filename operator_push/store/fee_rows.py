"""Fee rows: what was charged without a message, by the reason that was given, net and with its taxes.

The tax is as it was posted; which taxes it is of, with their rates, is told by the tariff that the account
paid by at that moment.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from operator_push.domain.invoicing.document import TaxRate
from operator_push.domain.rating.taxes import TAX_LINE
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.money import Rounding, divide_micros
from operator_push.services.account_terms import terms_from_text
from operator_push.services.issue_invoices import ChargedGroup
from operator_push.store import schema
from operator_push.store.document_rows import tariff_at

MILLION = 1_000_000
UNNAMED = "unnamed"  # of a fee whose tax is none of the tariff's
# Ours: rates of one fee differ from the tariff's by what rounding many contacts' fees leaves, never by more.
APART_PPM_MAX = 100


class Fee(msgspec.Struct, frozen=True):
    """A posting by hand. `taxes`: the rates behind `tax_micros`, () without a tax; `message_id`: the message
    that it is about, 0 without one."""

    reason: str
    tax_micros: int
    taxes: tuple[TaxRate, ...]
    message_id: int


def fees_of(connection: Connection, account_no: int) -> dict[int, Fee]:
    """Reference → fee, of an account; told by the store alone, never by archives."""
    row = schema.correction.c
    wanted = (row.account_no == account_no) & (row.kind == int(TransferKind.CHARGE))
    statement = select(
        row.reference, row.reason, row.amount_micros, row.tax_micros, row.at_us, row.message_id
    ).where(wanted)
    account = schema.account.c
    terms = connection.execute(select(account.terms).where(account.account_no == account_no)).scalar()
    tariff = terms_from_text(terms).tariff if terms else None
    fees = {}
    for reference, reason, amount, tax, at_us, message_id in connection.execute(statement).all():
        taxes = _taxes(connection, tariff, at_us, amount - tax, tax) if tax else ()
        fees[int(reference)] = Fee(reason, tax, taxes, message_id)
    return fees


def taxed_groups(group: ChargedGroup, fee: Fee) -> Iterator[ChargedGroup]:
    """The group of a fee, parted into what it is without its taxes and a group for each of them."""
    if not fee.tax_micros:
        yield group
        return
    net, left = group.amount_micros - fee.tax_micros, fee.tax_micros
    stated: dict[str, Any] = {"taxes": fee.taxes}
    yield msgspec.structs.replace(group, amount_micros=net, net_micros=net, **stated)
    whole = sum(tax.ppm for tax in fee.taxes)
    for place, tax in enumerate(fee.taxes, start=1):
        share = divide_micros(fee.tax_micros * tax.ppm, whole, Rounding.HALF_EVEN)
        amount = left if place == len(fee.taxes) else share
        left -= amount
        what = f"{TAX_LINE}{tax.name}"
        yield msgspec.structs.replace(group, what=what, amount_micros=amount, net_micros=0, **stated)


def _taxes(connection: Connection, tariff: str | None, at_us: int, net: int, tax: int) -> tuple[TaxRate, ...]:
    """Of the tariff's taxes the one, or all together, whose rate this is."""
    ppm = divide_micros(tax * MILLION, net, Rounding.HALF_EVEN)
    document = tariff_at(connection, tariff, at_us)
    valid = [each for each in document.tax if each.is_valid_at(at_us)] if document is not None else []
    rates = [TaxRate(name=each.name, ppm=int(each.percent)) for each in valid]
    for found in (*((rate,) for rate in rates), tuple(rates)):
        allowed = APART_PPM_MAX + MILLION // net  # a micro more or less on a small fee is many ppm
        if found and abs(sum(rate.ppm for rate in found) - ppm) <= allowed:
            return found
    return (TaxRate(name=UNNAMED, ppm=ppm),)
