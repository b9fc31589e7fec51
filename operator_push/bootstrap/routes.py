"""Routes: from the links that there are to the routing table of the rules, and the one place where it is put.

`routing_table` judges all links together, so a command that would make the routes wrong is refused before
anything has changed. What a route is, and which one wins, is `domain.routing`; which link is up is
`services.choose_link`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from operator_push.config import NetworkSettings, RouteSettings, Settings, SmscSettings
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.routing import Route, RoutingTable
from operator_push.services.registry import Registry

STOPPED_LAST = 1_000_000  # Above every priority: a stopped link keeps only what no other link reaches.


class MakeRoutes(Protocol):
    """`routing_table` with the [[route]] and [[network]] tables of the configuration bound to it."""

    def __call__(
        self, links: Iterable[SmscSettings], stopped: Iterable[SmscSettings] = ()
    ) -> RoutingTable: ...


def routing_table(
    links: Iterable[SmscSettings],
    stopped: Iterable[SmscSettings] = (),
    routes: Iterable[RouteSettings] = (),
    networks: Iterable[NetworkSettings] = (),
    account_name: Callable[[int], str] = str,
) -> RoutingTable:
    """The table of these links; receivers route nothing, and routes to a link that is not there are left out.

    A stopped link keeps the messages that no other link reaches: they are accepted and wait for its start.

    Raises:
        OperatorError: a route is wrong in itself.
    """
    links, stopped = list(links), list(stopped)
    there = {link.name for link in (*links, *stopped) if _sends(link)}
    waiting = {link.name for link in stopped}
    found = [
        Route(prefix, link.name, priority=link.priority, weight=link.weight)
        for link in (*links, *stopped)
        if _sends(link)
        for prefix in link.prefixes
    ]
    found += [route for row in routes for route in row.as_routes() if route.link in there]
    return RoutingTable(
        [_last(route) if route.link in waiting else route for route in found],
        [(network.prefix, network.plmn) for network in networks],
        account_name,
    )


def routes_of(settings: Settings, registry: Registry) -> MakeRoutes:
    """The one function by which tables are made while the product runs."""

    def account_name(account_no: int) -> str:
        account = registry.account(account_no)
        return account.name if account else ""

    def make(links: Iterable[SmscSettings], stopped: Iterable[SmscSettings] = ()) -> RoutingTable:
        return routing_table(links, stopped, settings.route, settings.network, account_name)

    return make


def put_routes(facts: PolicyFacts, table: RoutingTable) -> None:
    """Replace the table as a whole; the next message is decided and routed by it."""
    facts.routes = table


def _sends(link: SmscSettings) -> bool:
    return link.bind_type != "receiver"


def _last(route: Route) -> Route:
    return replace(route, priority=route.priority + STOPPED_LAST)
