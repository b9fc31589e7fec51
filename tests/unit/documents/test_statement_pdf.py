"""A statement as PDF: the same octets every time, every amount on it, over as many pages as it needs."""

import subprocess
from pathlib import Path

from invoice_room import SELLER
from peers import require_program

from operator_push.documents.statement_pdf import statement_pdf
from operator_push.domain.invoicing.document import Party
from operator_push.domain.invoicing.statement import Entry, Statement

BUYER = Party(name="Chai Point Ltd", address=("12 Station Road",), country="IN", tax_id="29AAACC4321D1Z6")


def made(days: int = 2) -> Statement:
    entries, balance = [], 5_000_000
    for day in range(1, days + 1):
        balance -= 123_457
        entries.append(Entry(f"2026-10-{day:02}", "settle", 1_234, -123_457, balance))
    return Statement(
        account="chai",
        currency="INR",
        zone="Asia/Kolkata",
        period_from="2026-10-01T00:00:00+05:30",
        period_until="2026-11-01T00:00:00+05:30",
        opening_micros=5_000_000,
        entries=tuple(entries),
        closing_micros=balance,
    )


def test_the_same_statement_gives_the_same_octets() -> None:
    assert statement_pdf(made(), SELLER, BUYER) == statement_pdf(made(), SELLER, BUYER)
    assert statement_pdf(made(), SELLER, BUYER) != statement_pdf(made(1), SELLER, BUYER)


def test_opening_entries_and_closing_stand_on_it(tmp_path: Path) -> None:
    pdftotext = require_program("pdftotext", package="poppler-utils")
    file = tmp_path / "statement.pdf"
    file.write_bytes(statement_pdf(made(60), SELLER, BUYER))
    done = subprocess.run(
        [pdftotext, "-layout", str(file), "-"], capture_output=True, text=True, check=True, timeout=30
    )
    for said in (
        "Statement",
        "Example Telecom Ltd",
        "Chai Point Ltd",
        "Account chai · page 2 of",
        "Opening balance",
        "2026-10-60",
        "1,234",
        "-0.123457",
        "4.753086",
        "Closing balance",
    ):
        assert said in done.stdout, said
