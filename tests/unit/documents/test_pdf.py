"""A PDF is the same octets every time, and says every amount; Debian's poppler reads it."""

import subprocess
from pathlib import Path

import msgspec
import pytest
import reportlab
from paper import charges, invoice
from peers import require_program

from operator_push.documents.amounts import for_people
from operator_push.documents.pdf import document_pdf
from operator_push.domain.invoicing.document import Document, DocumentKind, Party
from operator_push.kernel.errors import OperatorError


def text_of(document: Document, folder: Path) -> str:
    """What a reader of the PDF reads."""
    pdftotext = require_program("pdftotext", package="poppler-utils")
    file = folder / "document.pdf"
    file.write_bytes(document_pdf(document))
    done = subprocess.run(
        [pdftotext, "-layout", str(file), "-"], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stderr == ""
    return done.stdout


def test_the_same_document_gives_the_same_octets() -> None:
    assert document_pdf(invoice()) == document_pdf(invoice())
    assert document_pdf(invoice()) != document_pdf(invoice(number="INV-2026-000043"))


def test_everything_of_an_invoice_stands_on_the_page(tmp_path: Path) -> None:
    document = invoice()
    text = text_of(document, tmp_path)
    for said in (
        "Invoice",
        "INV-2026-000042",
        "Example Telecom Ltd",
        "Chai Point Ltd",
        "Tax ID 29AAACC4321D1Z6",
        "2026-10-01 to 2026-10-31",
        "Please pay by 2026-11-15 to 000111222333",
        "CGST 9%",
        "123,456 messages",
        "page 1 of 1",
    ):
        assert said in text, said
    for amount in (
        *(line.amount_micros for line in document.lines),
        document.total_micros,
        document.rounding_micros,
        document.payable_micros,
        *(tax.tax_micros for tax in document.taxes),
    ):
        assert for_people(amount) in text, amount
    assert "DRAFT" not in text


def test_long_invoices_run_over_pages_with_the_head_repeated(tmp_path: Path) -> None:
    [one] = charges()[:1]
    sent = [
        msgspec.structs.replace(one, unit_price_micros=price, amount_micros=price * one.segments)
        for price in range(100_000, 100_060)
    ]
    text = text_of(invoice(sent), tmp_path)
    pages = text.split("\f")[:-1]
    assert len(pages) > 2
    assert f"page 2 of {len(pages)}" in pages[1]
    assert all("Amount INR" in page for page in pages[:-1])


def test_other_kinds_of_paper(tmp_path: Path) -> None:
    assert "Credit note" in text_of(invoice(kind=DocumentKind.CREDIT_NOTE, about="INV-2026-000001"), tmp_path)
    assert "nothing to pay" in text_of(invoice(advance_micros=10**15), tmp_path)
    assert "Nothing was charged" in text_of(invoice([]), tmp_path)


def test_a_character_that_the_font_lacks_is_an_error(tmp_path: Path) -> None:
    nameless = invoice(buyer=Party(name="चाय प्वाइंट"))
    with pytest.raises(OperatorError, match="the font has no 'च'"):
        document_pdf(nameless)
    with pytest.raises(OperatorError, match="cannot be embedded"):
        document_pdf(nameless, tmp_path / "no.ttf")


def test_a_font_of_ones_own_is_embedded() -> None:
    font = Path(str(reportlab.__file__)).parent / "fonts" / "Vera.ttf"
    octets = document_pdf(invoice(buyer=Party(name="Łódka Café")), font)
    assert b"BitstreamVera" in octets
    assert octets == document_pdf(invoice(buyer=Party(name="Łódka Café")), font)


def test_names_are_text_and_not_markup(tmp_path: Path) -> None:
    assert "A <b>&co</b>" in text_of(invoice(buyer=Party(name="A <b>&co</b>")), tmp_path)
