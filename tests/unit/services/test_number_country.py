"""The country of a number."""

import pytest

from operator_push.services.number_country import country_of, country_of_head


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


@pytest.mark.parametrize(
    ("head", "country"),
    [("919", "IN"), ("337", "FR"), ("121", None), ("447", None), ("999", None), ("880", "BD")],
)
def test_the_head_of_a_number_tells_its_country_where_one_alone_has_the_code(
    head: str, country: str | None
) -> None:
    assert country_of_head(head) == country
