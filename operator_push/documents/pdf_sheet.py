"""A sheet: what every PDF of ours has in common: A4 pages, styles, letterhead, facts, foot with page numbers.

Not here: what stands on an invoice (pdf) or on a statement of account (statement_pdf).
"""

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table, TableStyle

from operator_push.documents.pdf_font import Face
from operator_push.domain.invoicing.document import Party

INK, QUIET, RULE, SHADE = HexColor("#1b2430"), HexColor("#66707c"), HexColor("#c9d1da"), HexColor("#eef2f6")
ACCENT = HexColor("#0b5c8a")
MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
FRAME_PADDING = 6  # reportlab's own, around what flows
ROWS_STYLE = [
    ("BACKGROUND", (0, 0), (-1, 0), SHADE),
    ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE),
    ("TOPPADDING", (0, 0), (-1, -1), 4),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]


class _NumberedCanvas(Canvas):  # type: ignore[misc]
    """A canvas that knows how many pages there are before it writes the foot of the first."""

    def __init__(self, *args: Any, foot: "Sheet", **named: Any) -> None:
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


class Sheet:
    """A document on paper: who sends it, and blocks that flow over as many pages as they need."""

    def __init__(self, seller: Party, face: Face) -> None:
        self._seller = seller
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

    def octets(self, title: str) -> bytes:
        """The file: the same for the same content, since it tells no moment and has no id of its own."""
        out = io.BytesIO()
        template = SimpleDocTemplate(
            out,
            pagesize=A4,
            leftMargin=MARGIN,
            rightMargin=MARGIN,
            topMargin=16 * mm,
            bottomMargin=22 * mm,
            title=title,
            author=self._seller.name,
            invariant=1,
        )
        template.build(self.story(), canvasmaker=self._canvas)
        return out.getvalue()

    def story(self) -> list[Flowable]:
        """Everything from the letterhead down."""
        raise NotImplementedError

    @property
    def foot(self) -> str:
        """What stands before the number of the page."""
        raise NotImplementedError

    def draw_foot(self, canvas: Canvas, number: int, pages: int) -> None:
        """The foot of a page."""
        seller = self._seller
        canvas.saveState()
        canvas.setStrokeColor(RULE)
        canvas.line(MARGIN, 15 * mm, A4[0] - MARGIN, 15 * mm)
        canvas.setFillColor(QUIET)
        canvas.setFont(self._face.plain, 7.5)
        named = [seller.registration, f"Tax ID {seller.tax_id}" if seller.tax_id else "", seller.email]
        canvas.drawString(MARGIN, 11 * mm, self._face.checked("  ·  ".join(part for part in named if part)))
        place = self._face.checked(f"{self.foot}  ·  page {number} of {pages}")
        canvas.drawRightString(A4[0] - MARGIN, 11 * mm, place)
        self.draw_over(canvas)
        canvas.restoreState()

    def draw_over(self, canvas: Canvas) -> None:
        """What stands over a page; nothing."""

    def head(self, title: str, number: str = "") -> Flowable:
        """The letterhead, with what this is."""
        seller = self._seller
        left = [self.text(seller.name or "(the operator has no name yet)", self._name)]
        left += [self.text(line, self._quiet) for line in address_lines(seller)]
        right = [self.text(title, self._title)]
        if number:
            right.append(self.text(number, self._right_bold))
        return grid([[left, right]], [WIDTH * 0.6, WIDTH * 0.4])

    def to_and_facts(self, buyer: Party, facts: Sequence[tuple[str, str]]) -> Flowable:
        """Whom it is for, and beside it what must be known; empty facts are left out."""
        to = [self.text("TO", self._quiet), self.text(buyer.name, self._bold)]
        to += [self.text(line, self._plain) for line in address_lines(buyer)]
        if buyer.tax_id:
            to.append(self.text(f"Tax ID {buyer.tax_id}", self._plain))
        rows = [
            [self.text(name, self._quiet), self.text(value, self._plain)] for name, value in facts if value
        ]
        return grid([[to, grid(rows, [28 * mm, WIDTH * 0.45 - 28 * mm])]], [WIDTH * 0.55, WIDTH * 0.45])

    def rows(self, heads: Sequence[str], rows: list[list[Any]], shares: Sequence[float]) -> Flowable:
        """A table as wide as the page; `shares` of it for the columns, amounts from the second column on."""
        first = [
            self.text(head, self._right_bold if place else self._bold) for place, head in enumerate(heads)
        ]
        table = Table([first, *rows], colWidths=[WIDTH * share for share in shares], repeatRows=1)
        table.setStyle(TableStyle(ROWS_STYLE))
        return table

    def text(self, text: str, style: ParagraphStyle) -> Paragraph:
        """A paragraph whose characters the font has."""
        return Paragraph(escape(self._face.checked(text)), style)

    def _canvas(self, *args: Any, **named: Any) -> Canvas:
        return _NumberedCanvas(*args, foot=self, **named)


def grid(rows: Sequence[Sequence[Any]], widths: Sequence[float]) -> Table:
    """Cells beside one another, without rules or padding."""
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


def address_lines(party: Party) -> list[str]:
    """Street, town and country, as far as they are known."""
    town = " ".join(part for part in (party.postcode, party.city) if part)
    return [*party.address, *(part for part in (town, party.country) if part)]
