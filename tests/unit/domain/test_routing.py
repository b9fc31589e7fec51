"""Routing: the routes that fit a message, by priority, by what they say, by weight; the share sticks."""

from collections import Counter

import pytest

from operator_push.domain.message import Origin, Submission, TrafficClass
from operator_push.domain.routing import Route, RoutingTable
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import Plmn

OTP, OFFER = TrafficClass.TRANSACTIONAL, TrafficClass.PROMOTIONAL


def a_message(
    destination: str, *, account_no: int = 1, source: str = "CHAI", traffic_class: TrafficClass = OFFER
) -> Submission:
    return Submission(account_no, 1, 0, traffic_class, Origin.ESME, 1, destination, source, 1)


def test_the_longest_prefix_selects_the_link() -> None:
    table = RoutingTable([Route("91", "delhi"), Route("9198", "pune"), Route("44", "london")])
    assert table.select_link("919812345678") == "pune"
    assert table.select_link("919712345678") == "delhi"
    assert table.select_link("4912345678") is None


def test_a_shorter_prefix_takes_over_where_the_longer_ones_link_is_down() -> None:
    table = RoutingTable([Route("", "main"), Route("91", "delhi")])
    assert table.links_for(a_message("919812345678")) == ("delhi", "main")


def test_the_smaller_priority_goes_first_whatever_the_prefix_says() -> None:
    table = RoutingTable([Route("", "cheap", priority=10), Route("9198", "pune")])
    assert table.links_for(a_message("919812345678")) == ("cheap", "pune")


@pytest.mark.parametrize(
    ("route", "fits", "other"),
    [
        (Route("", "own", account="bank"), a_message("4477", account_no=2), a_message("4477")),
        (Route("", "own", source="SHOP*"), a_message("4477", source="SHOP1"), a_message("4477")),
        (
            Route("", "own", source="SHOP"),
            a_message("4477", source="SHOP"),
            a_message("4477", source="SHOP1"),
        ),
        (Route("", "own", traffic_class=OTP), a_message("4477", traffic_class=OTP), a_message("4477")),
        (Route("", "own", plmn=Plmn("404", "45")), a_message("919845"), a_message("919846")),
    ],
    ids=["account", "beginning of the sender", "sender", "class of traffic", "PLMN"],
)
def test_a_route_by_what_it_says(route: Route, fits: Submission, other: Submission) -> None:
    table = RoutingTable(
        [Route("", "main"), route],
        [("91", Plmn("404", "01")), ("919845", Plmn("404", "45"))],
        {1: "shop", 2: "bank"}.__getitem__,
    )
    for _ in range(2):  # the second time from memory
        assert table.links_for(fits) == ("own", "main")
        assert table.links_for(other) == ("main",)


def test_an_mnc_of_two_digits_is_another_network_than_one_of_three() -> None:
    table = RoutingTable([Route("", "own", plmn=Plmn("404", "01"))], [("91", Plmn("404", "001"))])
    assert table.links_for(a_message("919812345678")) == ()


def test_equal_routes_share_by_weight_and_each_recipient_keeps_its_link() -> None:
    table = RoutingTable([Route("91", "big", weight=3), Route("91", "small", weight=1)])
    numbers = [f"9198{number:08}" for number in range(4000)]
    first = {number: table.links_for(a_message(number)) for number in numbers}
    shares = Counter(links[0] for links in first.values())
    assert 2800 < shares["big"] < 3200
    assert all(sorted(links) == ["big", "small"] for links in first.values())
    assert all(table.links_for(a_message(number)) == first[number] for number in numbers)


def test_a_link_that_two_routes_lead_to_is_named_once() -> None:
    table = RoutingTable([Route("91", "main"), Route("", "main"), Route("", "spare", priority=200)])
    assert table.links_for(a_message("919812345678")) == ("main", "spare")


def test_wrong_routes_are_refused() -> None:
    with pytest.raises(OperatorError, match="prefix"):
        RoutingTable([Route("+91", "delhi")])
    with pytest.raises(OperatorError, match="weight 0"):
        RoutingTable([Route("91", "delhi", weight=0)])
