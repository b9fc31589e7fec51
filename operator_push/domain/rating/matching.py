"""Matching: whether a rule's scope holds a message, and which of several prices goes first.

The most exact destination wins: its network, then the longest prefix, then its country, then any. Among equal
destinations a price for these accounts beats one for all; then class, channel, encoding, sender kind and time
in this order, as the words of a dictionary are ordered by their first letter that differs.
"""

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import msgspec

from operator_push.domain.rating.document import (
    ClassName,
    Price,
    Scope,
    SenderKind,
    TariffDocument,
    Weekday,
)
from operator_push.domain.rating.values import RatingRequest
from operator_push.kernel.instants import from_epoch_us
from operator_push.text.data_coding import Encoding

MINUTES_PER_DAY = 1440
_DAYS = tuple(Weekday)

Rank = tuple[int, int, bool, bool, bool, bool, bool, bool]


class Facts(msgspec.Struct, frozen=True):
    """A message as scopes see it: `minute` and `weekday` are local to the tariff's zone."""

    account: str
    destination: str
    network: str | None
    country: str | None
    traffic_class: ClassName
    channel: str
    encoding: Encoding
    sender_kind: SenderKind
    at_us: int
    minute: int
    weekday: Weekday


def facts_of(request: RatingRequest, tariff: TariffDocument) -> Facts:
    """The facts of a message; a ported number has the network that was told, others that of their range."""
    local = local_time(request.at_us, tariff.zone)
    return Facts(
        account=request.account,
        destination=request.destination,
        network=request.ported_network or network_of_range(request.destination, tariff),
        country=request.country,
        traffic_class=ClassName(request.traffic_class.name.lower()),
        channel=request.channel,
        encoding=request.encoding,
        sender_kind=request.sender_kind,
        at_us=request.at_us,
        minute=local.hour * 60 + local.minute,
        weekday=_DAYS[local.weekday()],
    )


def network_of_range(destination: str, tariff: TariffDocument) -> str | None:
    """The network whose number range holds a number, None where no range does; the longest prefix wins."""
    found = [
        (len(prefix), each.network)
        for each in tariff.number_range
        for prefix in each.prefixes
        if destination.startswith(prefix)
    ]
    return max(found)[1] if found else None


def holds(scope: Scope, facts: Facts) -> bool:
    """Whether a rule is for this message, at its moment."""
    return (
        (scope.prefix is None or facts.destination.startswith(scope.prefix))
        and scope.network in (None, facts.network)
        and scope.country in (None, facts.country)
        and scope.traffic_class in (None, facts.traffic_class)
        and scope.channel in (None, facts.channel)
        and scope.encoding in (None, facts.encoding)
        and scope.sender_kind in (None, facts.sender_kind)
        and (scope.accounts is None or facts.account in scope.accounts)
        and (scope.weekdays is None or facts.weekday in scope.weekdays)
        and (scope.hours is None or facts.minute in minutes_of(scope.hours))
        and scope.is_valid_at(facts.at_us)
    )


def select_price(tariff: TariffDocument, facts: Facts) -> tuple[Price | None, tuple[Price, ...]]:
    """The price that goes first, and the others that would have held this message, best first."""
    found = sorted((each for each in tariff.price if holds(each, facts)), key=rank, reverse=True)
    return (found[0] if found else None), tuple(found[1:])


def rank(scope: Scope) -> Rank:
    """How exact a scope is; the greater goes first."""
    exactness = 3 if scope.network else 2 if scope.prefix else 1 if scope.country else 0
    return (
        exactness,
        len(scope.prefix or ""),
        scope.accounts is not None,
        scope.traffic_class is not None,
        scope.channel is not None,
        scope.encoding is not None,
        scope.sender_kind is not None,
        scope.hours is not None or scope.weekdays is not None,
    )


@cache
def minutes_of(hours: str) -> frozenset[int]:
    """The minutes of the day in "09:00-21:00", half-open; an end before its start runs over midnight."""
    start, end = (int(part[:2]) * 60 + int(part[3:]) for part in hours.split("-"))
    if start < end:
        return frozenset(range(start, end))
    return frozenset(range(start, MINUTES_PER_DAY)) | frozenset(range(end))


def local_time(at_us: int, zone: str) -> datetime:
    """The moment on the clocks of a zone of the IANA database."""
    return from_epoch_us(at_us).astimezone(ZoneInfo(zone))
