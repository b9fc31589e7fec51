"""Tariffs: which row prices a message, and which sets of rows are no tariff."""

import pytest

from operator_push.domain.message import TrafficClass
from operator_push.domain.tariff import Tariff, TariffRow
from operator_push.kernel.errors import OperatorError

PROMOTIONAL, SERVICE = TrafficClass.PROMOTIONAL, TrafficClass.SERVICE
TARIFF = Tariff(
    [
        TariffRow("", 900_000, "INR"),
        TariffRow("91", 150_000, "INR", PROMOTIONAL),
        TariffRow("91", 120_000, "INR"),
        TariffRow("9198", 100_000, "INR", SERVICE, valid_until_us=1_000),
        TariffRow("9198", 110_000, "INR", SERVICE, valid_from_us=1_000, version=2),
        TariffRow("44", 0, "INR"),
        TariffRow("7", 5, "INR", valid_from_us=500, valid_until_us=600),
    ]
)


@pytest.mark.parametrize(
    ("destination", "traffic_class", "at_us", "price"),
    [
        ("33123456789", PROMOTIONAL, 0, 900_000),
        ("919712345678", PROMOTIONAL, 0, 150_000),  # its class before any class
        ("919712345678", SERVICE, 0, 120_000),
        ("919812345678", SERVICE, 999, 100_000),
        ("919812345678", SERVICE, 1_000, 110_000),  # validity is half-open
        ("919812345678", PROMOTIONAL, 0, 150_000),  # the longer prefix does not price this class
        ("447912345678", SERVICE, 0, 0),
        ("79123456789", SERVICE, 500, 5),
        ("79123456789", SERVICE, 600, 900_000),
        ("79123456789", SERVICE, 499, 900_000),
    ],
)
def test_price(destination: str, traffic_class: TrafficClass, at_us: int, price: int) -> None:
    assert TARIFF.price_per_segment(destination, traffic_class, at_us) == price
    row = TARIFF.row_for(destination, traffic_class, at_us)
    assert row is not None
    assert row.price_micros == price


def test_what_no_row_prices_has_no_price() -> None:
    tariff = Tariff([TariffRow("91", 1, "INR", PROMOTIONAL, valid_from_us=10)])
    assert tariff.price_per_segment("4412345678", PROMOTIONAL, 10) is None
    assert tariff.price_per_segment("9112345678", SERVICE, 10) is None
    assert tariff.price_per_segment("9112345678", PROMOTIONAL, 9) is None
    assert tariff.row_for("9112345678", PROMOTIONAL, 9) is None
    assert tariff.price_per_segment("9112345678", 3, 10) == 1


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "at least one row"),
        ([TariffRow("91", -1, "INR")], "negative"),
        ([TariffRow("+91", 1, "INR")], "leading digits"),
        ([TariffRow("91", 1, "rupees")], "ISO 4217"),
        ([TariffRow("91", 1, "INR", valid_from_us=5, valid_until_us=5)], "not after"),
        ([TariffRow("91", 1, "INR"), TariffRow("44", 1, "GBP")], "GBP and INR"),
        ([TariffRow("91", 1, "INR"), TariffRow("91", 2, "INR")], "same time"),
        (
            [
                TariffRow("91", 2, "INR", valid_from_us=9),
                TariffRow("91", 1, "INR", valid_until_us=10),
            ],
            "same time",
        ),
    ],
)
def test_rows_that_are_no_tariff(rows: list[TariffRow], told: str) -> None:
    with pytest.raises(OperatorError, match=told):
        Tariff(rows)
