"""Zones of a country, from the pinned database."""

import pytest

from operator_push.domain.country_zones import zone_named, zones_of_country
from operator_push.kernel.errors import OperatorError


def test_countries_have_their_zones() -> None:
    assert zones_of_country("IN") == zones_of_country("in") == ("Asia/Kolkata",)
    assert {"America/New_York", "Pacific/Honolulu", "America/Anchorage"} <= set(zones_of_country("US"))
    assert zones_of_country("XX") == ()


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "Europe"])
def test_what_is_no_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(OperatorError, match="IANA"):
        zone_named(name)
