"""CSV of lines: exact, and its amounts sum to what is paid and was prepaid."""

import csv
import io
from decimal import Decimal

from paper import invoice

from operator_push.documents.csv_lines import LINE_COLUMNS, lines_csv


def test_amounts_sum_to_what_is_to_be_paid_and_was_prepaid() -> None:
    document = invoice()
    rows = list(csv.DictReader(io.StringIO(lines_csv(document))))
    assert list(rows[0]) == list(LINE_COLUMNS)
    assert len(rows) == len(document.lines) + 1
    amounts = sum(Decimal(row["amount"]) for row in rows)
    assert amounts * 1_000_000 == document.payable_micros + document.prepaid_micros
    assert sum(Decimal(row["net"]) + Decimal(row["tax"]) for row in rows) == amounts
    for row in rows:
        assert Decimal(row["units"]) * Decimal(row["unit_price"]) == Decimal(row["amount"])
    assert rows[-1]["what"] == "rounding"
    assert "\r" not in lines_csv(document)
