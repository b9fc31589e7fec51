"""Pacing: how many of a campaign's people may be handed in by a moment.

As fast as possible, spread evenly until the campaign's end, or by a table of hours; each at most at the
campaign's own rate. No break is made up for at once: what was missed (a pause, a server that was down, a link
that took nothing) is spread over what is left. Integers throughout: the same moment gives the same number
wherever it is asked.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import Enum
from typing import Final
from zoneinfo import ZoneInfo

from operator_push.kernel.instants import from_epoch_us

SECOND_US: Final = 1_000_000
HOUR_US: Final = 3_600 * SECOND_US
HOURS_MAX: Final = 31 * 24  # Ours: no table of hours is looked at further ahead.
MARGIN_PARTS: Final = 10  # Ours: a spread ends before its end by how seldom it is asked, at most by a tenth

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


class Spread:
    """One campaign's way from a moment on: its people spread EVEN until its end, or by HOURS.

    HOURS: hour of the day in `zone` → its weight, of which a day's sum carries everybody once. Hours that
    were missed are not made up for: their part comes in the same hours of the next day, and where the end is
    nearer than that, in those that are left.
    """

    __slots__ = (
        "_carried",
        "_ends_us",
        "_from_people",
        "_from_us",
        "_hours",
        "_kept_us",
        "_launched_us",
        "_looked",
        "_passed",
        "_zone",
    )

    def __init__(
        self,
        launched_us: int,
        *,
        ends_us: int | None = None,
        hours: Mapping[int, int] | None = None,
        zone: str = "UTC",
    ) -> None:
        """By HOURS where they are given, else EVEN, which needs `ends_us`."""
        self._launched_us = launched_us
        self._ends_us = ends_us
        self._hours = dict(hours or {})
        self._zone = ZoneInfo(zone)
        self.begin(launched_us, 0)

    def begin(self, at_us: int, handed_in: int) -> None:
        """From here on anew: so many are handed in, the others are spread over what is left."""
        self._from_us, self._from_people = max(at_us, self._launched_us), handed_in
        self._kept_us = self._from_us  # when nobody was behind last
        self._looked = (self._from_us, handed_in)  # the look before, and how many were due then
        self._passed = (self._from_us, 0)  # the weight of the hours by the beginning of one
        self._carried = (0, 0, 0)  # of how many people, how many a weight carries, and which

    def room(self, people: int, handed_in: int, now_us: int, slack_us: int) -> int:
        """Of so many people, how many more may be handed in now.

        `slack_us`: how long nobody may have come without anything being missed, as long as whoever hands in
        usually waits between two looks; so much is made up for at once, and everybody is due as much before
        the end, since no look may come after that.
        """
        looked_us, due_then = self._looked
        if due_then <= handed_in:
            self._kept_us = looked_us
        due = self._due(people, now_us, slack_us)
        if due > handed_in and now_us - self._kept_us > slack_us:
            self.begin(now_us - slack_us, handed_in)
            due = self._due(people, now_us, slack_us)
        self._looked = (now_us, due)
        return max(0, due - handed_in)

    def ends_about(self, people: int, slack_us: int) -> int | None:
        """When the last of so many people are due, as it stands; None where that is never."""
        rest, last_us = people - self._from_people, self._last_us(slack_us)
        if not self._hours or rest <= 0:
            return last_us
        weighed, (carried, weight_of_all) = 0, self._weight_for(people, slack_us)
        for begin_us, end_us, weight in self._walk(self._from_us):
            weighed += weight * (end_us - begin_us)
            over = weighed - -(-rest * weight_of_all // carried)
            if weight and over >= 0:
                due_us = end_us - over // weight
                return None if self._ends_us is not None and due_us > last_us else due_us
        return None

    def _due(self, people: int, now_us: int, slack_us: int) -> int:
        """How many of them may have been handed in by now."""
        rest = people - self._from_people
        if rest <= 0:
            return people
        if not self._hours:
            span_us = self._last_us(slack_us) - self._from_us
            elapsed_us = max(0, now_us - self._from_us)
            return people if elapsed_us >= span_us else self._from_people + rest * elapsed_us // span_us
        carried, weight = self._weight_for(people, slack_us)
        return min(people, self._from_people + carried * self._weighed(now_us) // weight)

    def _weight_for(self, people: int, slack_us: int) -> tuple[int, int]:
        """(so many people, the weight in µs that carries them)."""
        if self._carried[0] != people:
            rest, of_day = people - self._from_people, sum(self._hours.values()) * HOUR_US
            last_us, left = self._last_us(slack_us), 0
            for begin_us, end_us, weight in self._walk(self._from_us) if self._ends_us is not None else ():
                left += weight * max(0, min(end_us, last_us) - begin_us)
                if end_us >= last_us or left * people >= rest * of_day:
                    break
            scarce = 0 < left * people < rest * of_day
            self._carried = (people, *((rest, left) if scarce else (people, of_day)))
        return self._carried[1:]

    def _last_us(self, slack_us: int) -> int:
        """Until when everybody shall have been handed in."""
        ends_us = self._launched_us if self._ends_us is None else self._ends_us
        return ends_us - min(slack_us, (ends_us - self._launched_us) // MARGIN_PARTS)

    def _weighed(self, until_us: int) -> int:
        """The weight of what has passed since it began, in µs."""
        if self._passed[0] > until_us:  # a clock that was set back
            self._passed = (self._from_us, 0)
        at_us, weighed = self._passed
        for begin_us, end_us, weight in self._walk(at_us):
            if end_us > until_us:
                return weighed + weight * max(0, until_us - begin_us)
            weighed += weight * (end_us - begin_us)
            self._passed = (end_us, weighed)
        return weighed

    def _walk(self, at_us: int) -> Iterator[tuple[int, int, int]]:
        """The hours from a moment on, the first in part: (begin, end, weight)."""
        for _ in range(HOURS_MAX):
            local = from_epoch_us(at_us).astimezone(self._zone)
            hour = local.replace(minute=0, second=0, microsecond=0)
            end_us = at_us + HOUR_US - (local - hour) // _MICROSECOND
            yield at_us, end_us, self._hours.get(local.hour, 0)
            at_us = end_us
