"""Routing: which link carries a message, by the longest prefix of its destination.

Priorities, weights and failover come here later; links and their state belong to the gateway.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from operator_push.domain.prefixes import PrefixTable, check_prefix
from operator_push.kernel.errors import OperatorError


@dataclass(frozen=True, slots=True)
class Route:
    """Numbers that start with `prefix` ("" = all) go through `link`, a name from the configuration."""

    prefix: str
    link: str


class RoutingTable:
    """The routes of one shard; replaced as a whole when the configuration changes."""

    __slots__ = ("_table",)

    def __init__(self, routes: Iterable[Route]) -> None:
        """Raises OperatorError where a prefix is not digits or is given to two links."""
        links: dict[str, str] = {}
        for route in routes:
            check_prefix(route.prefix, "smsc.prefixes")
            other = links.setdefault(route.prefix, route.link)
            if other != route.link:
                raise OperatorError(
                    f"prefix {route.prefix!r} is routed to {other!r} and to {route.link!r}; keep one of them",
                    key="smsc.prefixes",
                )
        self._table = PrefixTable(links.items())

    def select_link(self, destination: str) -> str | None:
        """The name of the link for this number, None where no route reaches it."""
        found = self._table.along(destination)
        return found[0] if found else None
