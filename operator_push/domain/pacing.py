"""Pacing: how many of a campaign's people may have been handed in by a moment.

As fast as possible, spread evenly until the campaign's end, or by a table of hours; each at most at the
campaign's own rate, which makes up for no break. Integers throughout: the same moment gives the same number
wherever it is asked.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from operator_push.kernel.instants import from_epoch_us

SECOND_US: Final = 1_000_000
HOUR_US: Final = 3_600 * SECOND_US
HOURS_MAX: Final = 31 * 24  # Ours: after a month a table of hours holds nobody back any more.


_MICROSECOND: Final = timedelta(microseconds=1)


class Pace(Enum):
    """How a campaign is spread; the value is what an order says."""

    FAST = "fast"
    EVEN = "even"
    HOURS = "hours"
    OWN = "own"  # in the hour that is busiest in a person's own records; whoever hands in sees to it


class RateAllowance:
    """How many people a rate lets be handed in now: a second's worth at most, however long nobody was."""

    __slots__ = ("_at_us", "_millionths", "rate_per_s")

    def __init__(self, rate_per_s: int, now_us: int) -> None:
        self.rate_per_s = rate_per_s
        self._millionths = rate_per_s * SECOND_US
        self._at_us = now_us

    def room(self, now_us: int) -> int:
        """So many by now."""
        grown = self._millionths + max(0, now_us - self._at_us) * self.rate_per_s
        self._millionths = min(self.rate_per_s * SECOND_US, grown)
        self._at_us = now_us  # also where the clock has stepped back
        return max(0, self._millionths // SECOND_US)

    def take(self, people: int) -> None:
        """So many were handed in."""
        self._millionths -= people * SECOND_US


def people_due(
    people: int,
    launched_us: int,
    now_us: int,
    *,
    pace: Pace = Pace.FAST,
    ends_us: int | None = None,
    hours: Mapping[int, int] | None = None,
    zone: str = "UTC",
) -> int:
    """Of so many people, how many may have been handed in at `now_us`; from 0 to all.

    EVEN needs `ends_us`; HOURS needs `hours`: hour of the day in `zone` → its weight, of which each day of
    the table's weights carries everybody once.
    """
    elapsed_us = max(0, now_us - launched_us)
    due = people
    if pace is Pace.EVEN and ends_us is not None and ends_us > launched_us:
        due = -(-people * min(elapsed_us, ends_us - launched_us) // (ends_us - launched_us))
    elif pace is Pace.HOURS and hours:
        due = _by_hours(people, launched_us, now_us, hours, zone)
    return max(0, min(people, due))


def _by_hours(people: int, launched_us: int, now_us: int, hours: Mapping[int, int], zone: str) -> int:
    """By the weights of the hours that have passed since the launch, the present one in part."""
    weight_of_day = sum(hours.values())
    weighed_us, at_us = 0, launched_us
    for _ in range(HOURS_MAX):
        if at_us >= now_us:
            return min(people, -(-people * weighed_us // (weight_of_day * HOUR_US)))
        local = from_epoch_us(at_us).astimezone(ZoneInfo(zone))
        hour = local.replace(minute=0, second=0, microsecond=0)
        ends_us = at_us + HOUR_US - (local - hour) // _MICROSECOND
        weighed_us += hours.get(local.hour, 0) * (min(ends_us, now_us) - at_us)
        at_us = ends_us
    return people
