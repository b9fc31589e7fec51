"""The country of a number."""

import pytest

from operator_push.services.number_country import country_of


@pytest.mark.parametrize(
    ("msisdn", "country"),
    [
        ("917012345678", "IN"),
        ("12125551234", "US"),
        ("14165551234", "CA"),
        ("971501234567", "AE"),
        ("9100000000", "IN"),  # not in India's plan, and still India's calling code
        ("88213000000", None),  # satellite
        ("9990000000", None),
    ],
)
def test_a_number_has_the_country_of_its_plan(msisdn: str, country: str | None) -> None:
    assert country_of(msisdn) == country
