"""Routing: which links may carry a message, best first.

A route names a link and says which messages it takes: those whose destination begins so or lies in this
network (PLMN), whose sender, account or class of traffic is this; what it leaves open, it takes. Of the
routes that fit, the smaller priority number goes first, then the one that says more about the message
(account, sender, class, network, longer prefix), and equals share by weight. The share is by destination, so
that messages to one person keep their link and with it their order.
Not here: whether a link is up (services.choose_link), ported numbers, what a link costs.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol
from zlib import crc32

from operator_push.domain.consent import SMS
from operator_push.domain.prefixes import HEADS_REMEMBERED, PrefixTable, check_prefix
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.numbering import Plmn

PRIORITY_USUAL = 100
WEIGHT_MAX = 100  # Ours: a share is a look-up in a tuple of as many slots as the weights add up to.


@dataclass(frozen=True, slots=True)
class Route:
    """Messages that fit go through `link`, a name from the configuration.

    `prefix` "" is every destination, None in the others is any; `source` may end in "*" for a beginning;
    `account` is a name. A smaller `priority` goes first; `weight` is the share among equals, 1..100.
    `channel` is the one that it is for (domain.contact_channels); a link that carries both has two routes.
    """

    prefix: str
    link: str
    plmn: Plmn | None = None
    source: str | None = None
    account: str | None = None
    traffic_class: int | None = None
    priority: int = PRIORITY_USUAL
    weight: int = 1
    channel: str = SMS


class Routable(Protocol):
    """What is asked of a message: a Submission or an OpenMessage."""

    @property
    def account_no(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def traffic_class(self) -> int: ...
    @property
    def destination(self) -> str: ...
    @property
    def channel(self) -> str: ...


Links = tuple[str, ...]
_Slots = tuple[Links, ...]  # the order of the links of one group, per slot of its share


class RoutingTable:
    """The routes of one shard; replaced as a whole when they change. Answers are kept up to a bound."""

    __slots__ = (
        "_account_name",
        "_by_account",
        "_by_class",
        "_by_source",
        "_head",
        "_known",
        "_networks",
        "_plain",
        "_routes",
    )

    def __init__(
        self,
        routes: Iterable[Route],
        networks: Iterable[tuple[str, Plmn]] = (),
        account_name: Callable[[int], str] = str,
    ) -> None:
        """`networks`: beginnings of numbers and their PLMN, the longest counts; `account_name`: the name of
        an account by its number.

        Raises:
            OperatorError: a prefix is not digits, or a weight is outside 1..100.
        """
        self._routes = tuple(sorted(routes, key=_order))
        networks = tuple(networks)
        for route in self._routes:
            check_prefix(route.prefix, "smsc.prefixes")
            if not 1 <= route.weight <= WEIGHT_MAX:
                raise OperatorError(
                    f"the weight {route.weight} of a route to {route.link!r} is not in 1..{WEIGHT_MAX}",
                    key="route.weight",
                )
        for prefix, _ in networks:
            check_prefix(prefix, "network.prefix")
        self._networks = PrefixTable(networks)
        self._account_name = account_name
        self._head = max(
            [len(route.prefix) for route in self._routes] + [len(prefix) for prefix, _ in networks], default=0
        )
        self._by_account = any(route.account is not None for route in self._routes)
        self._by_source = any(route.source is not None for route in self._routes)
        self._by_class = any(route.traffic_class is not None for route in self._routes)
        self._plain = not (self._by_account or self._by_source or self._by_class)
        self._known: dict[object, Links | list[_Slots]] = {}

    def links_for(self, message: Routable) -> Links:
        """Names of the links that may carry a message, best first; () where no route reaches it."""
        destination = message.destination
        head = destination[: self._head]
        key: object = head
        if not self._plain:
            key = (
                head,
                message.account_no if self._by_account else 0,
                message.source if self._by_source else "",
                message.traffic_class if self._by_class else 0,
                message.channel,
            )
        elif message.channel != SMS:
            key = (head, message.channel)
        found = self._known.get(key)
        if found is None:
            found = self._find(key, message)
        if type(found) is tuple:
            return found
        chance = crc32(destination.encode())  # the same for one destination for ever
        return tuple(dict.fromkeys(link for slots in found for link in slots[chance % len(slots)]))

    def select_link(self, destination: str) -> str | None:
        """The first link by the destination alone, None where no route of every message reaches it."""
        links = self.links_for(RoutedMessage(destination))
        return links[0] if links else None

    def routes_for(self, message: Routable) -> tuple[Route, ...]:
        """Every route that fits a message, best first; for showing, it remembers nothing."""
        networks = self._networks.along(message.destination)[:1]
        return tuple(route for route in self._routes if self._fits(route, message, networks))

    def network_of(self, destination: str) -> Plmn | None:
        """The network of a number by the longest beginning that is known; None where none is."""
        return next(iter(self._networks.along(destination)), None)

    def _find(self, key: object, message: Routable) -> "Links | list[_Slots]":
        groups = [_slots(list(group)) for _, group in groupby(self.routes_for(message), key=_order)]
        found: Links | list[_Slots] = groups
        if all(len(slots) == 1 for slots in groups):
            found = tuple(dict.fromkeys(link for slots in groups for link in slots[0]))
        if len(self._known) >= HEADS_REMEMBERED:
            self._known.clear()
        self._known[key] = found
        return found

    def _fits(self, route: Route, message: Routable, network: tuple[Plmn, ...]) -> bool:
        return (
            message.destination.startswith(route.prefix)
            and route.channel == message.channel
            and (route.plmn is None or (route.plmn,) == network)
            and (route.source is None or _is_source(route.source, message.source))
            and (route.account is None or route.account == self._account_name(message.account_no))
            and (route.traffic_class is None or route.traffic_class == message.traffic_class)
        )


@dataclass(frozen=True, slots=True)
class RoutedMessage:
    """What routes look at; what is left out fits only routes that leave it open, too."""

    destination: str
    account_no: int = 0
    source: str = ""
    traffic_class: int = 0
    channel: str = SMS


def _order(route: Route) -> tuple[int, ...]:
    """Sorts routes best first; equal keys share by weight."""
    says = (route.account, route.source, route.traffic_class, route.plmn)
    return (route.priority, *(int(condition is None) for condition in says), -len(route.prefix))


def _is_source(wanted: str, source: str) -> bool:
    return source.startswith(wanted[:-1]) if wanted.endswith("*") else source == wanted


def _slots(group: Sequence[Route]) -> _Slots:
    """One order of the group's links per slot of its share: the chosen one, then the others in turn."""
    weights: dict[str, int] = {}
    for route in group:
        weights.setdefault(route.link, route.weight)
    links = tuple(weights)
    if len(links) == 1:
        return (links,)
    orders = [(links[place:] + links[:place], weights[link]) for place, link in enumerate(links)]
    return tuple(order for order, weight in orders for _ in range(weight))
