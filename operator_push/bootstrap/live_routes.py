"""Live routes: the rows of the store put in force while messages wait, and what is told about one number."""

from collections.abc import Callable, Sequence
from typing import Any

from operator_push.bootstrap.routes import RoutesInForce, sends
from operator_push.bootstrap.running_links import RunningLinks
from operator_push.bootstrap.state import State
from operator_push.config.routing_settings import network_settings, route_settings, row_values
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.message import TrafficClass
from operator_push.domain.routing import Route, RoutedMessage
from operator_push.gateway.committer import Committer
from operator_push.gateway.route_commands import RouteCommands
from operator_push.kernel.errors import OperatorError
from operator_push.services.choose_link import ChooseLink
from operator_push.services.manage_routes import ManageRoutes, RoutingKind, RoutingRow, Values


class LiveRoutes:
    """The `RoutingRoom` of services.manage_routes over the links that run."""

    def __init__(self, routes: RoutesInForce, links: RunningLinks, rows: Sequence[RoutingRow]) -> None:
        self._routes = routes
        self._links = links
        self._rows = [row for row in rows if not row.removed_us]

    def normalised(self, kind: RoutingKind, values: Values) -> Values:
        """As services.manage_routes.RoutingRoom."""
        if kind is RoutingKind.NETWORK:
            network = network_settings(values)
            self._check_new_prefix(network.prefix)
            return row_values(network)
        route = route_settings(values)
        there = sorted(link.name for link in self._links.settings() if sends(link))
        for name in route.links:
            if name not in there:
                known = ", ".join(there) or "none"
                raise OperatorError(f"no link that sends is called {name!r}; there are: {known}", key="links")
        return row_values(route)

    def _check_new_prefix(self, prefix: str) -> None:
        for row in self._rows:
            if row.kind is RoutingKind.NETWORK and row.values["prefix"] == prefix:
                raise OperatorError(
                    f"network {row.row_no} has it; remove that first: "
                    f"operator-push network remove {row.row_no}",
                    key="prefix",
                )

    def apply(self, rows: Sequence[RoutingRow]) -> int:
        """As services.manage_routes.RoutingRoom."""
        before = self._rows
        without = _without_network(rows) - _without_network(before)
        if without:
            raise OperatorError(
                f"no network row says which numbers are in {', '.join(sorted(without))}, and a route asks "
                "for it: operator-push network add prefix=… mcc=… mnc=…",
                key="plmn",
            )
        self._routes.put(rows)
        try:
            moved = self._links.reroute()
        except OperatorError:
            self._routes.put(before)
            raise
        self._rows = list(rows)
        return moved


def _without_network(rows: Sequence[RoutingRow]) -> set[str]:
    """The PLMNs of routes that no network row has."""
    known = {f"{row.values['mcc']}-{row.values['mnc']}" for row in rows if row.kind is RoutingKind.NETWORK}
    asked = {row.values.get("plmn") for row in rows if row.kind is RoutingKind.ROUTE}
    return {plmn for plmn in asked if plmn is not None and plmn not in known}


def route_commands(
    links: RunningLinks, choose: ChooseLink, state: State, committer: Committer
) -> RouteCommands:
    """The commands of routes and networks."""
    rows = ManageRoutes(LiveRoutes(state.make_routes, links, state.routing), state.routing)
    return RouteCommands(rows, state.registry, answers_of(state.facts, choose), committer)


def answers_of(facts: PolicyFacts, choose: ChooseLink) -> Callable[[RoutedMessage], dict[str, Any]]:
    """How such a message goes now, as `route.show` answers."""

    def tell(asked: RoutedMessage) -> dict[str, Any]:
        table = facts.routes
        names = table.links_for(asked)
        up = [name for name in names if choose.is_up(name)]
        plmn = table.network_of(asked.destination)
        return {
            "network": f"{plmn.mcc}-{plmn.mnc}" if plmn is not None else "",
            "links": [{"name": name, "up": name in up} for name in names],
            # Where all are down it waits for the best of them, as choose_link has it.
            "link": up[0] if up else names[0] if names else None,
            "routes": [_route_json(route) for route in table.routes_for(asked)],
        }

    return tell


def _route_json(route: Route) -> dict[str, Any]:
    told = {
        "link": route.link,
        "prefix": route.prefix,
        "priority": route.priority,
        "weight": route.weight,
        "plmn": f"{route.plmn.mcc}-{route.plmn.mnc}" if route.plmn is not None else None,
        "sender": route.source,
        "account": route.account,
        "traffic_class": TrafficClass(route.traffic_class).name.lower() if route.traffic_class else None,
    }
    return {key: value for key, value in told.items() if value is not None}
