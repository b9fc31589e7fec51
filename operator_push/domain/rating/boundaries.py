"""Boundaries: until when a tariff says the same, so that an answer can be kept that long and no longer."""

from collections.abc import Iterable, Iterator

from operator_push.domain.rating.checks import SCOPED
from operator_push.domain.rating.document import Scope, TariffDocument
from operator_push.domain.rating.matching import MINUTES_PER_DAY, local_time
from operator_push.kernel.instants import to_epoch_us

MINUTE_US = 60_000_000
# Clocks are put forward or back, and offsets differ, by multiples of this everywhere in the IANA database
# since 1972; so a step of the local clock never falls within one such quarter of UTC.
QUARTER_US = 15 * MINUTE_US
FOREVER_US = 1 << 62


def next_change_us(documents: Iterable[TariffDocument], at_us: int) -> int:
    """The first moment after `at_us` at which versions of a tariff may say something else; FOREVER_US: never.

    It may be early, never late: hours and weekdays are looked at a quarter of an hour at a time.
    """
    return min((moment for document in documents for moment in _changes(document, at_us)), default=FOREVER_US)


def _changes(document: TariffDocument, at_us: int) -> Iterator[int]:
    scopes: list[Scope] = [scope for kind in SCOPED for scope in getattr(document, kind)]
    dated = [document.valid_from, document.valid_until]
    dated += [moment for scope in scopes for moment in (scope.valid_from, scope.valid_until)]
    dated += [rate.valid_from for rate in document.exchange_rate]
    yield from (moment_us for moment_us in map(to_epoch_us, filter(None, dated)) if moment_us > at_us)
    edges = {edge for scope in scopes if scope.hours for edge in _edges(scope.hours)}
    if edges or any(scope.weekdays for scope in scopes):
        yield _next_edge_us(edges | {0}, document.zone, at_us)


def _edges(hours: str) -> tuple[int, int]:
    """The minutes of the day at which "09:00-21:00" begins and ends."""
    start, end = (int(part[:2]) * 60 + int(part[3:]) for part in hours.split("-"))
    return start % MINUTES_PER_DAY, end % MINUTES_PER_DAY


def _next_edge_us(edges: set[int], zone: str, at_us: int) -> int:
    local = local_time(at_us, zone)
    minute = local.hour * 60 + local.minute
    ahead = min((edge - minute - 1) % MINUTES_PER_DAY + 1 for edge in edges)
    begun_us = at_us - at_us % MINUTE_US
    return min(begun_us + ahead * MINUTE_US, at_us - at_us % QUARTER_US + QUARTER_US)
