"""Rule 4: routes."""

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass
from operator_push.domain.routing import Route, RoutingTable
from operator_push.domain.rules.route import RouteRule


def to(destination: str) -> Submission:
    return Submission(1, 1, 8, TrafficClass.SERVICE, Origin.ESME, 7, destination, "CHAI", 1)


def test_a_destination_without_a_route_is_refused_until_one_is_added() -> None:
    facts = PolicyFacts(routes=RoutingTable([Route("91", "pune")]))
    rule = RouteRule(facts)
    assert rule.judge(to("919812345678"), 0).reason is RefusalReason.NONE
    assert rule.judge(to("447912345678"), 0).reason is RefusalReason.NO_ROUTE
    facts.routes = RoutingTable([Route("91", "pune"), Route("44", "london")])
    assert rule.judge(to("447912345678"), 0).reason is RefusalReason.NONE
