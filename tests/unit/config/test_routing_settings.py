"""Routes and networks as commands give them and as the store keeps them."""

import pytest

from operator_push.config.link_settings import values_of_text
from operator_push.config.routing_settings import (
    network_settings,
    route_settings,
    route_values_of_words,
    row_values,
)
from operator_push.kernel.errors import OperatorError


def test_words_become_a_route_and_only_what_is_not_usual_is_kept() -> None:
    words = values_of_text(["links=main,north", "plmn=404-45", "priority=50", "weight=3"])
    route = route_settings(route_values_of_words(words))
    assert row_values(route) == {"links": ["main", "north"], "plmn": "404-45", "weight": 3}
    assert route_settings(row_values(route)) == route
    network = network_settings(values_of_text(["prefix=9198", "mcc=404", "mnc=45"]))
    assert row_values(network) == {"prefix": "9198", "mcc": "404", "mnc": "45"}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({}, "links"),
        ({"links": ["a"], "priority": "0"}, "priority"),
        ({"links": ["a"], "colour": "red"}, "colour"),
        ({"links": ["a"], "traffic_class": "loud"}, "transactional, service or promotional"),
    ],
)
def test_what_a_route_cannot_be_is_told_with_its_key(values: dict[str, object], told: str) -> None:
    with pytest.raises(OperatorError, match=told):
        route_settings(values)
