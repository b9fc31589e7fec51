"""Rows become a document and a small document becomes rows, saying the same."""

import msgspec
import pytest

from operator_push.domain.message import TrafficClass
from operator_push.domain.rating.pricing import rate
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.simple_rows import document_of_rows, rows_of_document
from operator_push.domain.rating.values import Rating, RatingRequest
from operator_push.domain.tariff import Tariff, TariffRow
from operator_push.kernel.errors import OperatorError

ROWS = [
    TariffRow("", 300_000, "INR"),
    TariffRow("91", 200_000, "INR", valid_until_us=1_000),
    TariffRow("91", 250_000, "INR", valid_from_us=1_000),
    TariffRow("91", 100_000, "INR", TrafficClass.TRANSACTIONAL),
    TariffRow("9198", 150_000, "INR"),
]


@pytest.mark.parametrize("destination", ["4915112345678", "917012345678", "919812345678"])
@pytest.mark.parametrize("at_us", [0, 999, 1_000])
@pytest.mark.parametrize("kind", TrafficClass)
def test_a_row_prices_as_the_hot_path_does(destination: str, at_us: int, kind: TrafficClass) -> None:
    document = document_of_rows(ROWS, "rows", 7)
    request = RatingRequest(account="a", destination=destination, segments=3, at_us=at_us, traffic_class=kind)
    rating = rate(request, document)
    assert isinstance(rating, Rating)
    assert rating.total_micros == 3 * (Tariff(ROWS).price_per_segment(destination, kind, at_us) or 0)


def test_a_document_of_rows_becomes_the_same_rows() -> None:
    assert rows_of_document(document_of_rows(ROWS, "rows", 7)) == ROWS


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ('hours = "09:00-21:00"', r"price\[1\]\.hours"),
        ('minimum = "1"', r"price\[1\]\.minimum"),
        ('[[tax]]\nname = "GST"\npercent = 18', "tax"),
        ('[contract]\ncharge_on = "submission"', "contract.charge_on"),
    ],
)
def test_what_a_row_cannot_say_is_refused(more: str, key: str) -> None:
    text = 'tariff="t"\nversion=1\ncurrency="INR"\n[[price]]\nname="all"\nper_segment=1\n'
    assert len(rows_of_document(read_tariff(text, "t.toml"))) == 1
    with pytest.raises(OperatorError, match=f"^{key}: a running server"):
        rows_of_document(read_tariff(text + more, "t.toml"))


def test_a_documents_validity_bounds_its_rows() -> None:
    document = msgspec.structs.replace(
        document_of_rows(ROWS, "rows", 7), valid_from=read_tariff(DATED, "d.toml").valid_from
    )
    assert {row.valid_from_us for row in rows_of_document(document)} == {1_767_225_600_000_000}


DATED = """
tariff = "t"
version = 1
currency = "INR"
valid_from = 2026-01-01T00:00:00Z
[[price]]
name = "all"
per_segment = 1
"""
