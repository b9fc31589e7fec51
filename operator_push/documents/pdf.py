"""PDF of a document: A4 pages with letterhead, parties, lines, taxes, what is to be paid and how.

Laws: the same document and font give the same octets (no date of making, no random id); every amount of the
document stands on the page as it is kept, to the micro. A character that the font lacks is an error, since a
name with a hole in it is not the customer's name.
"""

from pathlib import Path

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Spacer, Table, TableStyle

from operator_push.documents.amounts import decimals_of, for_people, percent, what_it_is
from operator_push.documents.pdf_font import Face, face_of
from operator_push.documents.pdf_sheet import INK, SHADE, Sheet
from operator_push.domain.invoicing.document import Document, DocumentKind

TITLES = {
    DocumentKind.INVOICE: "Invoice",
    DocumentKind.CREDIT_NOTE: "Credit note",
    DocumentKind.RECEIPT: "Receipt",
}


def document_pdf(document: Document, font_file: Path | None = None) -> bytes:
    """The file. `font_file`: a TrueType font for names that Latin-1 fonts cannot write.

    Raises:
        OperatorError: a character that the font lacks, or a font that cannot be read.
    """
    title = f"{TITLES[document.kind]} {document.number or 'draft'}"
    return _Page(document, face_of(font_file)).octets(title)


class _Page(Sheet):
    """The parts of one document as flowing blocks."""

    def __init__(self, document: Document, face: Face) -> None:
        super().__init__(document.seller, face)
        self._document = document

    @property
    def foot(self) -> str:
        """The number of the document."""
        return self._document.number or "Draft"

    def draw_over(self, canvas: Canvas) -> None:
        """DRAFT over a page of one that is none yet."""
        if not self._document.is_final:
            canvas.setFillColor(HexColor("#d33a2c"), alpha=0.12)
            canvas.setFont(self._face.bold, 110)
            canvas.translate(A4[0] / 2, A4[1] / 2)
            canvas.rotate(45)
            canvas.drawCentredString(0, -35, "DRAFT")

    def story(self) -> list[Flowable]:
        """Everything from the letterhead to how to pay."""
        document = self._document
        facts = [
            ("Date", document.issue_date),
            ("Period", _period(document)),
            ("Corrects", document.about),
            ("Reason", document.reason),
            ("Customer account", document.account),
            ("Your reference", document.buyer.reference),
            ("Due", document.due_date),
        ]
        return [
            self.head(TITLES[document.kind], document.number),
            Spacer(0, 8 * mm),
            self.to_and_facts(document.buyer, facts),
            Spacer(0, 8 * mm),
            self._lines(),
            Spacer(0, 5 * mm),
            KeepTogether([self._sums(), Spacer(0, 8 * mm), *self._closing()]),
        ]

    def _lines(self) -> Flowable:
        document = self._document
        heads = ("", "Units", "Price", "Net", "Tax", f"Amount {document.currency}")
        rows = []
        decimals = decimals_of(
            amount for line in document.lines for amount in (line.net_micros, line.amount_micros)
        )
        for line in document.lines:
            cells = (
                f"{line.units:,}",
                for_people(line.unit_price_micros),
                for_people(line.net_micros, decimals),
                f"{percent(line.tax_ppm)}%",
                for_people(line.amount_micros, decimals),
            )
            what = [self.text(what_it_is(line), self._plain)]
            if line.messages:
                what.append(self.text(f"{line.messages:,} messages", self._quiet))
            rows.append([what, *(self.text(cell, self._right) for cell in cells)])
        if not document.lines:
            rows.append([self.text("Nothing was charged in this period.", self._plain)])
        return self.rows(heads, rows, (0.36, 0.12, 0.13, 0.15, 0.08, 0.16))

    def _sums(self) -> Flowable:
        document = self._document
        sums = [("Net", document.net_micros)]
        sums += [(f"{tax.name} {percent(tax.ppm)}%", tax.tax_micros) for tax in document.taxes if tax.name]
        sums.append(("Total", document.total_micros))
        if document.prepaid_micros:
            sums.append(("Paid in advance", -document.prepaid_micros))
        if document.rounding_micros:
            sums.append(("Rounding", document.rounding_micros))
        decimals = decimals_of(amount for _, amount in sums)
        rows = [
            [self.text(what, self._plain), self.text(for_people(amount, decimals), self._right)]
            for what, amount in sums
        ]
        last = {
            DocumentKind.INVOICE: "To pay",
            DocumentKind.CREDIT_NOTE: "Credited",
            DocumentKind.RECEIPT: "Received",
        }[document.kind]
        payable = f"{for_people(document.payable_micros)} {document.currency}"
        rows.append([self.text(last, self._bold), self.text(payable, self._right_bold)])
        table = Table(rows, colWidths=[40 * mm, 42 * mm], hAlign="RIGHT")
        style = [
            ("LINEABOVE", (0, -1), (-1, -1), 0.8, INK),
            ("BACKGROUND", (0, -1), (-1, -1), SHADE),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
        ]
        table.setStyle(TableStyle(style))
        return table

    def _closing(self) -> list[Flowable]:
        document, seller = self._document, self._document.seller
        said: list[str] = []
        if document.kind is DocumentKind.INVOICE and document.payable_micros:
            bank = ", ".join(part for part in (seller.bank_account, seller.bank_name) if part)
            where = f" to {bank}" if bank else ""
            said.append(
                f"Please pay by {document.due_date}{where}, naming {document.number or 'its number'}."
            )
        elif document.kind is DocumentKind.INVOICE and document.prepaid_micros:
            said.append("Paid from your prepaid balance; there is nothing to pay.")
        if any(tax.name for tax in document.taxes):
            own = any(line.is_tax for line in document.lines)
            said.append(
                "Taxes are lines of their own; prices of other lines that bear them are without."
                if own
                else "Prices and amounts of lines include the taxes that are shown."
            )
        if document.exempt:
            said.append(f"Exempt from {document.exempt}.")
        said.append(f"Dates are those of {document.zone}.")
        if document.note:
            said.append(document.note)
        return [self.text(sentence, self._closing_style) for sentence in said]


def _period(document: Document) -> str:
    if not document.period_until:
        return ""
    begin, _, begin_time = document.period_from.partition("T")
    end, _, end_time = document.period_until.partition("T")
    if begin_time.startswith("00:00:00") and end_time.startswith("00:00:00"):
        return f"{begin} to {document.period_last}"
    return f"{begin} {begin_time[:5]} until {end} {end_time[:5]}"
