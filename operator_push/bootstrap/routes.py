"""Routes: from the links that there are to the routing table of the rules, and the one place where it is put.

`routing_table` judges all links together, so a command that would make two routes contradict each other is
refused before anything has changed. What a route is, and which one wins, is `domain.routing`.
"""

from collections.abc import Iterable

from operator_push.config import SmscSettings
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.routing import Route, RoutingTable


def routing_table(links: Iterable[SmscSettings], stopped: Iterable[SmscSettings] = ()) -> RoutingTable:
    """The table of these links; receivers route nothing.

    A stopped link keeps the numbers that no other link reaches: they are accepted and wait for its start.

    Raises:
        OperatorError: two links contradict each other.
    """
    routes = [Route(prefix, link.name) for link in links if _sends(link) for prefix in link.prefixes]
    reached = tuple({route.prefix for route in routes})
    waiting = [
        Route(prefix, link.name)
        for link in stopped
        if _sends(link)
        for prefix in link.prefixes
        if not any(prefix.startswith(other) for other in reached)
    ]
    return RoutingTable(routes + waiting)


def put_routes(facts: PolicyFacts, table: RoutingTable) -> None:
    """Replace the table as a whole; the next message is decided and routed by it."""
    facts.routes = table


def _sends(link: SmscSettings) -> bool:
    return link.bind_type != "receiver"
