"""Rows become a document that says the same."""

import pytest

from operator_push.domain.message import TrafficClass
from operator_push.domain.rating.pricing import rate
from operator_push.domain.rating.simple_rows import document_of_rows
from operator_push.domain.rating.values import Rating, RatingRequest
from operator_push.domain.tariff import Tariff, TariffRow

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
