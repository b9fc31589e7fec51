"""PDF of a statement of account: opening, what moved the money each day, closing; to the micro."""

from pathlib import Path

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer

from operator_push.documents.amounts import decimals_of, for_people
from operator_push.documents.pdf_font import Face, face_of
from operator_push.documents.pdf_sheet import Sheet
from operator_push.domain.invoicing.document import Party
from operator_push.domain.invoicing.statement import Statement


def statement_pdf(made: Statement, seller: Party, buyer: Party, font_file: Path | None = None) -> bytes:
    """The file. `font_file`: a TrueType font for names that Latin-1 fonts cannot write.

    Raises:
        OperatorError: a character that the font lacks, or a font that cannot be read.
    """
    return _Statement(made, seller, buyer, face_of(font_file)).octets(f"Statement of account {made.account}")


class _Statement(Sheet):
    """The parts of one statement as flowing blocks."""

    def __init__(self, made: Statement, seller: Party, buyer: Party, face: Face) -> None:
        super().__init__(seller, face)
        self._made = made
        self._buyer = buyer

    @property
    def foot(self) -> str:
        """Whose account it is."""
        return f"Account {self._made.account}"

    def story(self) -> list[Flowable]:
        """From the letterhead to the closing balance."""
        made = self._made
        facts = [
            ("From", made.period_from),
            ("Until", made.period_until),
            ("Customer account", made.account),
            ("Your reference", self._buyer.reference),
            ("Currency", made.currency),
        ]
        said = (
            "Each line is one kind of posting on one day. The balance is what is available and what is held "
            f"for messages on their way, less the credit line. Dates are those of {made.zone}."
        )
        return [
            self.head("Statement"),
            Spacer(0, 8 * mm),
            self.to_and_facts(self._buyer, facts),
            Spacer(0, 8 * mm),
            self._entries(),
            Spacer(0, 6 * mm),
            self.text(said, self._closing_style),
        ]

    def _entries(self) -> Flowable:
        made = self._made
        amounts = [made.opening_micros, made.closing_micros]
        amounts += [amount for each in made.entries for amount in (each.amount_micros, each.balance_micros)]
        decimals = decimals_of(amounts)
        rows = [self._bound("Opening balance", made.opening_micros, decimals)]
        for each in made.entries:
            cells = (
                each.what,
                f"{each.postings:,}",
                for_people(each.amount_micros, decimals),
                for_people(each.balance_micros, decimals),
            )
            rows.append(
                [self.text(each.date, self._plain), *(self.text(cell, self._right) for cell in cells)]
            )
        rows.append(self._bound("Closing balance", made.closing_micros, decimals))
        heads = ("Date", "What", "Postings", "Amount", f"Balance {made.currency}")
        return self.rows(heads, rows, (0.26, 0.22, 0.12, 0.2, 0.2))

    def _bound(self, what: str, micros: int, decimals: int) -> list[Flowable]:
        blank = [self.text("", self._right)] * 3
        amount = self.text(for_people(micros, decimals), self._right_bold)
        return [self.text(what, self._bold), *blank, amount]
