"""Mobile country codes against the countries of the IANA zone table."""

import pytest

from operator_push.domain.country_zones import zones_of_country
from operator_push.domain.mobile_countries import _COUNTRIES, country_of_network


@pytest.mark.parametrize(
    ("mcc", "country"),
    [("404", "IN"), ("405", "IN"), ("310", "US"), ("234", "GB"), ("208", "FR"), ("530", "NZ"), ("901", None)],
)
def test_a_network_has_the_country_of_its_code(mcc: str, country: str | None) -> None:
    assert country_of_network(mcc) == country


def test_every_country_has_a_clock() -> None:
    assert all(zones_of_country(country) for country in _COUNTRIES.values())
    assert all(len(code) == 3 and code.isdigit() for code in _COUNTRIES)
