"""Correct invoices: the credit note of an invoice and the receipt of a payment, as documents.

Laws: neither moves money; each is about one posting that has been made, and has one document. A credit note
never exceeds what its invoice still holds.
"""

import msgspec

from operator_push.domain.invoicing.charges import Charge, lines_of
from operator_push.domain.invoicing.document import Document, DocumentKind, TaxRate
from operator_push.domain.invoicing.periods import local_date, local_iso
from operator_push.domain.invoicing.standing import Owed
from operator_push.domain.invoicing.taxes import net_of, tax_totals
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import format_micros
from operator_push.services.billing_identity import buyer_of
from operator_push.services.issue_invoices import BilledAccount, Draft, FinalDocument, InvoiceTerms


class Receivable(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came in: the posting, the client's reference, and when."""

    reference: int
    client_reference: str
    amount_micros: int
    at_us: int


def creditable_micros(invoice: FinalDocument, owed: Owed) -> int:
    """What a further credit note on an invoice may give back at most.

    Raises:
        OperatorError: the document is no invoice.
    """
    if invoice.document.kind is not DocumentKind.INVOICE:
        raise OperatorError(f"{invoice.number} is no invoice; credit notes are on invoices")
    return invoice.document.total_micros - owed.credited_micros


def check_credit(invoice: FinalDocument, owed: Owed, amount_micros: int, line: int | None) -> None:
    """That a credit note can be on an invoice, before money is moved for it.

    Raises:
        OperatorError: it is more than is left of the invoice, or its taxes cannot be known.
    """
    left = creditable_micros(invoice, owed)
    if not 0 < amount_micros <= left:
        raise OperatorError(
            f"{format_micros(amount_micros)} cannot be credited on {invoice.number}: "
            f"{format_micros(left)} of it is left"
        )
    credited_taxes(invoice.document, line)


def credited_taxes(document: Document, line: int | None) -> tuple[TaxRate, ...]:
    """The taxes in what is given back: those of line number `line`, or of every line where they are alike.

    Raises:
        OperatorError: lines bear different taxes and none was named, or there is no such line.
    """
    if line is not None:
        if not 1 <= line <= len(document.lines):
            raise OperatorError(f"{document.number} has lines 1..{len(document.lines)}, not {line}")
        return document.lines[line - 1].taxes
    kinds = {each.taxes for each in document.lines}
    if len(kinds) > 1:
        raise OperatorError(f"lines of {document.number} bear different taxes; say which by --line")
    return next(iter(kinds), ())


def posted_tax_micros(document: Document, amount_micros: int, line: int | None) -> int:
    """The tax in what is given back, where a tariff has stated it, so that it was posted and is taken back
    too; 0 where prices include taxes that were never posted.

    Raises:
        OperatorError: as credited_taxes.
    """
    taxes = credited_taxes(document, line)
    if not any(each.is_tax and each.taxes == taxes for each in document.lines):
        return 0
    return amount_micros - net_of(amount_micros, sum(tax.ppm for tax in taxes))


def credit_subject(account_no: int, client_reference: str) -> str:
    """What a credit note is about: a posting, which an account's reference names once."""
    return f"credit note {client_reference} of account {account_no}"


def draft_credit_note(
    invoice: FinalDocument,
    terms: InvoiceTerms,
    client_reference: str,
    amount_micros: int,
    reason: str,
    line: int | None,
    now_us: int,
) -> Draft:
    """The credit note about the posting of a client's reference; parties and currency are the invoice's."""
    about = invoice.document
    charges = [Charge(what=f"credit on {invoice.number}: {reason}", amount_micros=amount_micros)]
    lines = lines_of(charges, credited_taxes(about, line))
    document = Document(
        kind=DocumentKind.CREDIT_NOTE,
        number="",
        account=about.account,
        currency=about.currency,
        issue_date=local_date(now_us, terms.zone).isoformat(),
        zone=terms.zone,
        seller=about.seller,
        buyer=about.buyer,
        lines=tuple(lines),
        taxes=tax_totals(lines),
        total_micros=amount_micros,
        payable_micros=amount_micros,
        about=invoice.number,
        reason=reason,
        exempt=about.exempt,
    )
    return Draft(
        document=document,
        account_no=invoice.account_no,
        subject=credit_subject(invoice.account_no, client_reference),
        series=terms.credit_series,
    )


def draft_receipt(account: BilledAccount, terms: InvoiceTerms, money: Receivable, now_us: int) -> Draft:
    """The receipt of money that came in; no tax is due before it is spent."""
    what = f"payment {money.client_reference}, received {local_iso(money.at_us, terms.zone)}"
    lines = lines_of([Charge(what=what, amount_micros=money.amount_micros)], ())
    document = Document(
        kind=DocumentKind.RECEIPT,
        number="",
        account=account.name,
        currency=account.currency,
        issue_date=local_date(now_us, terms.zone).isoformat(),
        zone=terms.zone,
        seller=terms.seller,
        buyer=buyer_of(account.name, account.terms.billing),
        lines=tuple(lines),
        taxes=tax_totals(lines),
        total_micros=money.amount_micros,
        payable_micros=money.amount_micros,
    )
    return Draft(
        document=document,
        account_no=account.account_no,
        subject=f"money received, posting {money.reference}",
        series=terms.receipt_series,
    )
