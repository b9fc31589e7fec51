"""CSV of a document's lines: exact amounts, one line a row, and the rounding as a row of its own.

Law: the column amount sums to what is to be paid plus what was prepaid. RFC 4180, UTF-8, lines end with LF.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from operator_push.documents.amounts import exactly, percent
from operator_push.domain.invoicing.document import Document

# Name → meaning, in the order of the file.
LINE_COLUMNS: Mapping[str, str] = {
    "document": "Number of the document; empty in a draft.",
    "line": "Number of the line, from 1.",
    "what": "segments, rounding, or what else was charged.",
    "traffic_class": "transactional, service or promotional.",
    "country": "ISO 3166-1 of the recipients' numbers.",
    "network": "PLMN by the [[network]] tables, MCC-MNC.",
    "tariff": "The tariff and version that priced it.",
    "messages": "Messages.",
    "units": "Charged segments, or 1.",
    "unit_price": "What a unit cost, taxes included.",
    "net": "The amount without taxes.",
    "tax_percent": "Rate of its taxes together.",
    "tax": "The taxes in the amount.",
    "amount": "What the ledger moved; six decimals, exact.",
    "currency": "ISO 4217.",
}


def lines_csv(document: Document) -> str:
    """The whole file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(LINE_COLUMNS)
    writer.writerows(_rows(document))
    return out.getvalue()


def _rows(document: Document) -> Iterator[Sequence[object]]:
    for number, line in enumerate(document.lines, start=1):
        yield (
            document.number,
            number,
            line.what,
            line.traffic_class,
            line.country,
            line.network,
            line.tariff,
            line.messages,
            line.units,
            exactly(line.unit_price_micros),
            exactly(line.net_micros),
            percent(line.tax_ppm),
            exactly(line.tax_micros),
            exactly(line.amount_micros),
            document.currency,
        )
    if rounding := document.rounding_micros:
        place = len(document.lines) + 1
        amount = exactly(rounding)
        blank = ("",) * 4
        yield (
            document.number,
            place,
            "rounding",
            *blank,
            0,
            1,
            amount,
            amount,
            "0",
            exactly(0),
            amount,
            document.currency,
        )
