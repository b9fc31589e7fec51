"""PDF of a document: A4 pages with letterhead, parties, lines, taxes, what is to be paid and how.

Laws: the same document and font give the same octets (no date of making, no random id); every amount of the
document stands on the page as it is kept, to the micro. A character that the font lacks is an error, since a
name with a hole in it is not the customer's name.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from operator_push.documents.amounts import decimals_of, for_people, percent, what_it_is
from operator_push.documents.pdf_font import Face, face_of
from operator_push.domain.invoicing.document import Document, DocumentKind, Party

INK, QUIET, RULE, SHADE = HexColor("#1b2430"), HexColor("#66707c"), HexColor("#c9d1da"), HexColor("#eef2f6")
ACCENT = HexColor("#0b5c8a")
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
FRAME_PADDING = 6  # reportlab's own, around what flows
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
    face = face_of(font_file)
    page = _Page(document, face)
    out = io.BytesIO()
    template = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=16 * mm,
        bottomMargin=22 * mm,
        title=f"{TITLES[document.kind]} {document.number or 'draft'}",
        author=document.seller.name,
        invariant=1,
    )
    template.build(page.story(), canvasmaker=page.canvas)
    return out.getvalue()


class _NumberedCanvas(Canvas):  # type: ignore[misc]
    """A canvas that knows how many pages there are before it writes the foot of the first."""

    def __init__(self, *args: Any, foot: "_Page", **named: Any) -> None:
        super().__init__(*args, **named)
        self._foot = foot
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Keep the page for later."""
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write every page with its foot."""
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self._foot.draw_foot(self, number, len(self._pages))
            super().showPage()
        super().save()


class _Page:
    """The parts of one document as flowing blocks."""

    def __init__(self, document: Document, face: Face) -> None:
        self._document = document
        self._face = face
        plain = ParagraphStyle("plain", fontName=face.plain, fontSize=9, leading=12, textColor=INK)
        self._plain = plain
        self._bold = ParagraphStyle("bold", plain, fontName=face.bold)
        self._quiet = ParagraphStyle("quiet", plain, fontSize=8, leading=10.5, textColor=QUIET)
        self._closing_style = ParagraphStyle("closing", self._quiet, leftIndent=-FRAME_PADDING)
        self._right = ParagraphStyle("right", plain, alignment=TA_RIGHT)
        self._right_bold = ParagraphStyle("right bold", self._bold, alignment=TA_RIGHT)
        self._name = ParagraphStyle("name", self._bold, fontSize=13, leading=16)
        self._title = ParagraphStyle(
            "title", self._bold, fontSize=22, leading=26, alignment=TA_RIGHT, textColor=ACCENT
        )

    def canvas(self, *args: Any, **named: Any) -> Canvas:
        """What pages are drawn on."""
        return _NumberedCanvas(*args, foot=self, **named)

    def story(self) -> list[Flowable]:
        """Everything from the letterhead to how to pay."""
        return [
            self._head(),
            Spacer(0, 8 * mm),
            self._to_and_facts(),
            Spacer(0, 8 * mm),
            self._lines(),
            Spacer(0, 5 * mm),
            KeepTogether([self._sums(), Spacer(0, 8 * mm), *self._closing()]),
        ]

    def draw_foot(self, canvas: Canvas, number: int, pages: int) -> None:
        """The foot of a page, and DRAFT over one that is none yet."""
        document, seller = self._document, self._document.seller
        canvas.saveState()
        canvas.setStrokeColor(RULE)
        canvas.line(MARGIN, 15 * mm, A4[0] - MARGIN, 15 * mm)
        canvas.setFillColor(QUIET)
        canvas.setFont(self._face.plain, 7.5)
        named = [seller.registration, f"Tax ID {seller.tax_id}" if seller.tax_id else "", seller.email]
        canvas.drawString(MARGIN, 11 * mm, self._face.checked("  ·  ".join(part for part in named if part)))
        place = f"{document.number or 'Draft'}  ·  page {number} of {pages}"
        canvas.drawRightString(A4[0] - MARGIN, 11 * mm, place)
        if not document.is_final:
            canvas.setFillColor(HexColor("#d33a2c"), alpha=0.12)
            canvas.setFont(self._face.bold, 110)
            canvas.translate(A4[0] / 2, A4[1] / 2)
            canvas.rotate(45)
            canvas.drawCentredString(0, -35, "DRAFT")
        canvas.restoreState()

    def _head(self) -> Flowable:
        seller = self._document.seller
        left = [self._text(seller.name or "(the operator has no name yet)", self._name)]
        left += [self._text(line, self._quiet) for line in _address(seller)]
        right = [self._text(TITLES[self._document.kind], self._title)]
        if self._document.number:
            right.append(self._text(self._document.number, self._right_bold))
        return _grid([[left, right]], [WIDTH * 0.6, WIDTH * 0.4])

    def _to_and_facts(self) -> Flowable:
        document, buyer = self._document, self._document.buyer
        to = [self._text("TO", self._quiet), self._text(buyer.name, self._bold)]
        to += [self._text(line, self._plain) for line in _address(buyer)]
        if buyer.tax_id:
            to.append(self._text(f"Tax ID {buyer.tax_id}", self._plain))
        facts = [
            ("Date", document.issue_date),
            ("Period", _period(document)),
            ("Corrects", document.about),
            ("Reason", document.reason),
            ("Customer account", document.account),
            ("Your reference", buyer.reference),
            ("Due", document.due_date),
        ]
        rows = [
            [self._text(name, self._quiet), self._text(value, self._plain)] for name, value in facts if value
        ]
        return _grid([[to, _grid(rows, [28 * mm, WIDTH * 0.45 - 28 * mm])]], [WIDTH * 0.55, WIDTH * 0.45])

    def _lines(self) -> Flowable:
        document = self._document
        heads = ("", "Units", "Price", "Net", "Tax", f"Amount {document.currency}")
        rows = [
            [self._text(head, self._right_bold if place else self._bold) for place, head in enumerate(heads)]
        ]
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
            what = [self._text(what_it_is(line), self._plain)]
            if line.messages:
                what.append(self._text(f"{line.messages:,} messages", self._quiet))
            rows.append([what, *(self._text(cell, self._right) for cell in cells)])
        if not document.lines:
            rows.append([self._text("Nothing was charged in this period.", self._plain)])
        shares = (0.36, 0.12, 0.13, 0.15, 0.08, 0.16)
        style = [
            ("BACKGROUND", (0, 0), (-1, 0), SHADE),
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
        table = Table(rows, colWidths=[WIDTH * share for share in shares], repeatRows=1)
        table.setStyle(TableStyle(style))
        return table

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
            [self._text(what, self._plain), self._text(for_people(amount, decimals), self._right)]
            for what, amount in sums
        ]
        last = {
            DocumentKind.INVOICE: "To pay",
            DocumentKind.CREDIT_NOTE: "Credited",
            DocumentKind.RECEIPT: "Received",
        }[document.kind]
        payable = f"{for_people(document.payable_micros)} {document.currency}"
        rows.append([self._text(last, self._bold), self._text(payable, self._right_bold)])
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
        return [self._text(sentence, self._closing_style) for sentence in said]

    def _text(self, text: str, style: ParagraphStyle) -> Paragraph:
        return Paragraph(escape(self._face.checked(text)), style)


def _grid(rows: Sequence[Sequence[Any]], widths: Sequence[float]) -> Table:
    table = Table([list(row) for row in rows], colWidths=list(widths))
    table.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
            ]
        )
    )
    return table


def _address(party: Party) -> list[str]:
    town = " ".join(part for part in (party.postcode, party.city) if part)
    return [*party.address, *(part for part in (town, party.country) if part)]


def _period(document: Document) -> str:
    if not document.period_until:
        return ""
    begin, _, begin_time = document.period_from.partition("T")
    end, _, end_time = document.period_until.partition("T")
    if begin_time.startswith("00:00:00") and end_time.startswith("00:00:00"):
        return f"{begin} to {document.period_last}"
    return f"{begin} {begin_time[:5]} until {end} {end_time[:5]}"
