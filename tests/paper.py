"""A document with everything on it, for tests of what documents look like as files."""

from invoice_room import BILLING, SELLER

from operator_push.domain.invoicing.charges import SEGMENTS, Charge, lines_of
from operator_push.domain.invoicing.document import Document, DocumentKind, TaxRate
from operator_push.domain.invoicing.taxes import tax_totals
from operator_push.domain.invoicing.totals import totals_of
from operator_push.kernel.money import Rounding
from operator_push.services.billing_identity import buyer_of

GST = (TaxRate(name="CGST", ppm=90_000), TaxRate(name="SGST", ppm=90_000))
SENT = [
    (123_456, 118_000, "transactional", "IN", "404-45"),
    (4_031, 123_457, "promotional", "IN", ""),
    (77, 1_250_000, "service", "US", ""),
]


def charges() -> list[Charge]:
    """Segments of three kinds and a fee."""
    found = [
        Charge(
            what=SEGMENTS,
            amount_micros=segments * price,
            segments=segments,
            messages=segments,
            unit_price_micros=price,
            traffic_class=traffic_class,
            country=country,
            network=network,
            tariff="version 3",
        )
        for segments, price, traffic_class, country, network in SENT
    ]
    return [*found, Charge(what="charge", amount_micros=250_000_000)]


def invoice(
    sent: list[Charge] | None = None,
    taxes: tuple[TaxRate, ...] = GST,
    advance_micros: int = 1_000_000,
    **changed: object,
) -> Document:
    """INV-2026-000042 over October."""
    lines = lines_of(charges() if sent is None else sent, taxes)
    total = sum(line.amount_micros for line in lines)
    totals = totals_of(total, advance_micros, 10_000, Rounding.HALF_EVEN)
    plain: dict[str, object] = {
        "kind": DocumentKind.INVOICE,
        "number": "INV-2026-000042",
        "account": "chai",
        "currency": "INR",
        "issue_date": "2026-11-01",
        "zone": "Asia/Kolkata",
        "seller": SELLER,
        "buyer": buyer_of("chai", BILLING),
        "lines": tuple(lines),
        "taxes": tax_totals(lines),
        "total_micros": totals.total_micros,
        "payable_micros": totals.payable_micros,
        "prepaid_micros": totals.prepaid_micros,
        "rounding_micros": totals.rounding_micros,
        "due_date": "2026-11-15",
        "period_from": "2026-10-01T00:00:00+05:30",
        "period_until": "2026-11-01T00:00:00+05:30",
    }
    return Document(**(plain | changed))  # type: ignore[arg-type]
