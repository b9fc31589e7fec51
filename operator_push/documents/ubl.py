"""UBL 2.1 of an invoice or credit note, by EN 16931; where both have an address, by Peppol BIS Billing 3.0.

Laws: document amounts have two decimals, and the rules of EN 16931 about sums hold among them (BR-CO-10 to
BR-CO-17); what that changes against the exact micros is carried as the payable rounding amount, so that what
is to be paid is the document's own. Several taxes on a line are one VAT at the sum of their rates.
"""

from collections.abc import Sequence
from decimal import Decimal

from operator_push.documents.amounts import exactly, in_cents, percent, what_it_is
from operator_push.documents.ubl_parties import check_parties, has_endpoints, write_party
from operator_push.documents.ubl_writing import CREDIT_NOTE, INVOICE, Writer, ubl_octets
from operator_push.domain.invoicing.document import Document, DocumentKind, DocumentLine
from operator_push.domain.invoicing.taxes import MILLION
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import Rounding, divide_micros

PEPPOL = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PEPPOL_PROCESS = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
EN_16931 = "urn:cen.eu:en16931:2017"
TYPE_CODES = {DocumentKind.INVOICE: "380", DocumentKind.CREDIT_NOTE: "381"}  # UNTDID 1001
UNIT = "C62"  # UNECE Recommendation 20: one
CREDIT_TRANSFER = "30"  # UNTDID 4461
NOTHING = DocumentLine(what="nothing was charged in this period", amount_micros=0, net_micros=0, units=0)

Category = tuple[str, int]  # UNTDID 5305, rate in millionths


def document_ubl(document: Document) -> bytes:
    """The XML, UTF-8.

    Raises:
        OperatorError: the document is a draft or a receipt, or says too little about its parties.
    """
    if document.kind not in TYPE_CODES:
        raise OperatorError(f"a {document.kind.value} has no form in UBL; invoices and credit notes have")
    if not document.is_final:
        raise OperatorError("a draft has no form in UBL; issue it first")
    # A tax is no line there: it is worked out from the lines that bear it.
    lines = tuple(line for line in document.lines if not line.is_tax) or (NOTHING,)
    check_parties(document, bears_tax=any(line.taxes for line in lines) or bool(document.exempt))
    is_invoice = document.kind is DocumentKind.INVOICE
    writer = Writer(INVOICE if is_invoice else CREDIT_NOTE, document.currency)
    _write_head(writer, document, is_invoice)
    taxed = any(line.tax_ppm for line in lines)
    categories = [_category(line, document, taxed) for line in lines]
    outside = categories[0][0] == "O"
    write_party(writer, "AccountingSupplierParty", document.seller, with_tax=not outside)
    write_party(writer, "AccountingCustomerParty", document.buyer, with_tax=not outside)
    _write_payment(writer, document, is_invoice)
    _write_sums(writer, document, lines, categories)
    for number, (line, category) in enumerate(zip(lines, categories, strict=True), start=1):
        _write_line(writer, number, line, category, is_invoice)
    return ubl_octets(writer.root)


def _write_head(writer: Writer, document: Document, is_invoice: bool) -> None:
    peppol = has_endpoints(document)
    writer.text("CustomizationID", PEPPOL if peppol else EN_16931)
    if peppol:
        writer.text("ProfileID", PEPPOL_PROCESS)
    writer.text("ID", document.number)
    writer.text("IssueDate", document.issue_date)
    if is_invoice and document.due_date:
        writer.text("DueDate", document.due_date)
    writer.text("InvoiceTypeCode" if is_invoice else "CreditNoteTypeCode", TYPE_CODES[document.kind])
    if note := document.note or document.reason:
        writer.text("Note", note)
    writer.text("DocumentCurrencyCode", document.currency)
    writer.text("BuyerReference", document.buyer.reference or document.account)
    if document.period_until:
        with writer.inside("InvoicePeriod"):
            writer.text("StartDate", document.period_from[:10])
            writer.text("EndDate", document.period_last)
    if document.about:
        with writer.inside("BillingReference"), writer.inside("InvoiceDocumentReference"):
            writer.text("ID", document.about)


def _write_payment(writer: Writer, document: Document, is_invoice: bool) -> None:
    if not document.payable_micros:
        return
    if not is_invoice:  # older rule sets hold BR-CO-25 against credit notes too
        with writer.inside("PaymentTerms"):
            writer.text("Note", f"Lowers what is due on {document.about}")
        return
    if document.seller.bank_account:
        with writer.inside("PaymentMeans"):
            writer.text("PaymentMeansCode", CREDIT_TRANSFER)
            writer.text("PaymentID", document.number)
            with writer.inside("PayeeFinancialAccount"):
                writer.text("ID", document.seller.bank_account)
                if document.seller.bank_name:
                    writer.text("Name", document.seller.bank_name)
    with writer.inside("PaymentTerms"):
        writer.text("Note", f"Due on {document.due_date}")


def _write_sums(
    writer: Writer, document: Document, lines: Sequence[DocumentLine], categories: Sequence[Category]
) -> None:
    taxable: dict[Category, Decimal] = {}
    for line, category in zip(lines, categories, strict=True):
        taxable[category] = taxable.get(category, Decimal(0)) + in_cents(line.net_micros)
    taxes = {category: _tax(amount, category[1]) for category, amount in taxable.items()}
    with writer.inside("TaxTotal"):
        writer.amount("TaxAmount", sum(taxes.values(), Decimal("0.00")))
        for category, amount in taxable.items():
            with writer.inside("TaxSubtotal"):
                writer.amount("TaxableAmount", amount)
                writer.amount("TaxAmount", taxes[category])
                with writer.inside("TaxCategory"):
                    _write_category(writer, category, document)
    net = sum(taxable.values(), Decimal("0.00"))
    gross = net + sum(taxes.values(), Decimal("0.00"))
    prepaid, payable = in_cents(document.prepaid_micros), in_cents(document.payable_micros)
    rounding = payable - (gross - prepaid)
    with writer.inside("LegalMonetaryTotal"):
        writer.amount("LineExtensionAmount", net)
        writer.amount("TaxExclusiveAmount", net)
        writer.amount("TaxInclusiveAmount", gross)
        if prepaid:
            writer.amount("PrepaidAmount", prepaid)
        if rounding:
            writer.amount("PayableRoundingAmount", rounding)
        writer.amount("PayableAmount", payable)


def _write_line(
    writer: Writer, number: int, line: DocumentLine, category: Category, is_invoice: bool
) -> None:
    net = in_cents(line.net_micros)
    # What is taken off is a negative number of things: a price is never below zero (BR-27).
    units, price = (-line.units, -line.net_micros) if line.net_micros < 0 else (line.units, line.net_micros)
    with writer.inside("InvoiceLine" if is_invoice else "CreditNoteLine"):
        writer.text("ID", str(number))
        quantity = "InvoicedQuantity" if is_invoice else "CreditedQuantity"
        writer.text(quantity, str(units), unitCode=UNIT)
        writer.amount("LineExtensionAmount", net)
        with writer.inside("Item"):
            writer.text("Name", what_it_is(line))
            with writer.inside("ClassifiedTaxCategory"):
                writer.text("ID", category[0])
                if category[0] != "O":
                    writer.text("Percent", percent(category[1]))
                with writer.inside("TaxScheme"):
                    writer.text("ID", "VAT")
        with writer.inside("Price"):
            if line.units and price % line.units == 0:
                writer.amount("PriceAmount", exactly(price // line.units))
            else:  # the price of all of them: no single one is a number of decimals
                writer.amount("PriceAmount", abs(net))
                if line.units > 1:
                    writer.text("BaseQuantity", str(line.units), unitCode=UNIT)


def _write_category(writer: Writer, category: Category, document: Document) -> None:
    code, ppm = category
    writer.text("ID", code)
    if code != "O":
        writer.text("Percent", percent(ppm))
    if code == "E":
        writer.text("TaxExemptionReason", f"Exempt from {document.exempt}")
    if code == "O":
        writer.text("TaxExemptionReasonCode", "VATEX-EU-O")
        writer.text("TaxExemptionReason", "Not subject to VAT")
    with writer.inside("TaxScheme"):
        writer.text("ID", "VAT")


def _category(line: DocumentLine, document: Document, taxed: bool) -> Category:
    """S standard rate, E exempt, Z zero rate beside taxed lines, O outside the scope of VAT."""
    if line.tax_ppm:
        return "S", line.tax_ppm
    if document.exempt:
        return "E", 0
    return ("Z", 0) if taxed else ("O", 0)


def _tax(taxable: Decimal, ppm: int) -> Decimal:
    """BR-CO-17: the rate of the taxable amount, to the cent."""
    cents = int(taxable.scaleb(2))
    return Decimal(divide_micros(cents * ppm, MILLION, Rounding.HALF_UP)).scaleb(-2)
