"""Routes: from the links that there are to the routing table of the rules, and the one place where it is put.

`routing_table` judges all links together, so a command that would make the routes wrong is refused before
anything has changed. What a route is, and which one wins, is `domain.routing`; which link is up is
`services.choose_link`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Protocol

from operator_push.config import NetworkSettings, RouteSettings, SmscSettings
from operator_push.config.routing_settings import network_settings, route_settings
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.routing import Route, RoutingTable
from operator_push.services.manage_routes import RoutingKind, RoutingRow
from operator_push.services.registry import Registry

STOPPED_LAST = 1_000_000  # Above every priority: a stopped link keeps only what no other link reaches.


class MakeRoutes(Protocol):
    """`routing_table` with the routes and networks in force bound to it."""

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
    there = {link.name: link.channels for link in (*links, *stopped) if sends(link)}
    waiting = {link.name for link in stopped}
    found = [
        Route(prefix, link.name, priority=link.priority, weight=link.weight)
        for link in (*links, *stopped)
        if sends(link)
        for prefix in link.prefixes
    ]
    found += [route for row in routes for route in row.as_routes() if route.link in there]
    return RoutingTable(
        [
            replace(_last(route) if route.link in waiting else route, channel=channel)
            for route in found
            for channel in there[route.link]
        ],
        [(network.prefix, network.plmn) for network in networks],
        account_name,
    )


class RoutesInForce:
    """The rows of the store that are in force; the one `MakeRoutes` of a running product."""

    def __init__(self, registry: Registry, rows: Iterable[RoutingRow]) -> None:
        self._registry = registry
        self.routes: list[RouteSettings] = []
        self.networks: list[NetworkSettings] = []
        self.put(rows)

    def __call__(self, links: Iterable[SmscSettings], stopped: Iterable[SmscSettings] = ()) -> RoutingTable:
        """As `routing_table`."""
        return routing_table(links, stopped, self.routes, self.networks, self._account_name)

    def put(self, rows: Iterable[RoutingRow]) -> None:
        """Make tables of these rows from now on; removed ones count for nothing.

        Raises:
            OperatorError: this version of the product does not take one; then nothing has changed.
        """
        in_force = [row for row in rows if not row.removed_us]
        routes = [route_settings(row.values) for row in in_force if row.kind is RoutingKind.ROUTE]
        self.networks = [network_settings(row.values) for row in in_force if row.kind is RoutingKind.NETWORK]
        self.routes = routes

    def _account_name(self, account_no: int) -> str:
        account = self._registry.account(account_no)
        return account.name if account else ""


def put_routes(facts: PolicyFacts, table: RoutingTable) -> None:
    """Replace the table as a whole; the next message is decided and routed by it."""
    facts.routes = table


def sends(link: SmscSettings) -> bool:
    """Whether messages may leave through a link."""
    return link.bind_type != "receiver"


def _last(route: Route) -> Route:
    return replace(route, priority=route.priority + STOPPED_LAST)
