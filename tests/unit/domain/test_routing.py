"""Routing: the link with the longest prefix carries the message."""

import pytest

from operator_push.domain.routing import Route, RoutingTable
from operator_push.kernel.errors import OperatorError


def test_the_longest_prefix_selects_the_link() -> None:
    table = RoutingTable([Route("91", "delhi"), Route("9198", "pune"), Route("44", "london")])
    assert table.select_link("919812345678") == "pune"
    assert table.select_link("919712345678") == "delhi"
    assert table.select_link("4912345678") is None


def test_the_same_prefix_cannot_lead_to_two_links() -> None:
    with pytest.raises(OperatorError, match="routed to 'delhi' and to 'pune'"):
        RoutingTable([Route("91", "delhi"), Route("91", "pune")])
    RoutingTable([Route("91", "delhi"), Route("91", "delhi")])
    with pytest.raises(OperatorError, match="prefix"):
        RoutingTable([Route("+91", "delhi")])
