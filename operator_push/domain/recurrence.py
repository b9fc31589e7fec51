"""Recurrence: when a recurring campaign is due, as people write it.

Daily, weekly or monthly at a time of day on the clock of a zone: `daily 09:00`, `weekly mon,thu 18:30`,
`monthly 1,15 10:00`. A time that the clock skips is due at the first moment after the gap, one that it reads
twice at the first of the two; a day of the month that a month lacks is not due in it.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import from_epoch_us, to_epoch_us

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS_AHEAD: Final = 62  # the 31st comes within two months
_MINUTE: Final = timedelta(minutes=1)
_WRITTEN: Final = re.compile(r"(daily|weekly|monthly)(?: ([a-z0-9,]+))? (\d{1,2}):(\d{2})")


class Cycle(Enum):
    """What repeats."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Recurrence(NamedTuple):
    """`days`: of the week from 0 for Monday, or of the month from 1; empty for every day."""

    cycle: Cycle
    days: frozenset[int]
    at: time

    def latest(self, now_us: int, zone: str) -> int | None:
        """The last moment up to now at which it was due, within DAYS_AHEAD days; None where it was not."""
        return max((at_us for at_us in self._around(now_us, zone) if at_us <= now_us), default=None)

    def following(self, at_us: int, zone: str) -> int:
        """The first moment after this one at which it is due."""
        return min(each for each in self._around(at_us, zone) if each > at_us)

    def _around(self, now_us: int, zone: str) -> list[int]:
        clock = ZoneInfo(zone)
        today = from_epoch_us(now_us).astimezone(clock).date()
        days = (today + timedelta(days=offset) for offset in range(-DAYS_AHEAD, DAYS_AHEAD + 1))
        return [_moment(day, self.at, clock) for day in days if self._is_due(day)]

    def _is_due(self, day: date) -> bool:
        match self.cycle:
            case Cycle.WEEKLY:
                return day.weekday() in self.days
            case Cycle.MONTHLY:
                return day.day in self.days
        return True


def parse_recurrence(written: str) -> Recurrence:
    """A recurrence of its text.

    Raises:
        OperatorError: it is none; the message shows how one is written.
    """
    found = _WRITTEN.fullmatch(" ".join(written.lower().split()))
    if found is None or int(found[3]) > 23 or int(found[4]) > 59:
        raise OperatorError(
            f"{written!r} is no recurrence, such as 'daily 09:00', 'weekly mon,thu 18:30' or "
            "'monthly 1,15 10:00'"
        )
    cycle, names = Cycle(found[1]), found[2].split(",") if found[2] else []
    days = frozenset(_day(cycle, name) for name in names)
    if bool(days) != (cycle is not Cycle.DAILY):
        raise OperatorError(f"{written!r}: daily names no days, weekly and monthly name theirs")
    return Recurrence(cycle, days, time(int(found[3]), int(found[4])))


def _day(cycle: Cycle, name: str) -> int:
    if cycle is Cycle.WEEKLY and name in WEEKDAYS:
        return WEEKDAYS.index(name)
    if cycle is Cycle.MONTHLY and name.isdecimal() and 1 <= int(name) <= 31:
        return int(name)
    raise OperatorError(f"{name!r} is no day of a {cycle.value} recurrence: mon to sun, or 1 to 31")


def _moment(day: date, at: time, clock: ZoneInfo) -> int:
    """The moment at which a clock first shows this time of a day, or the first after a gap that skips it."""
    local = datetime.combine(day, at, clock)
    moment = local.astimezone(UTC)
    seen = moment.astimezone(clock)
    if seen.replace(tzinfo=None) != local.replace(tzinfo=None):
        # Skipped: read by the clock before the gap it lies behind the gap, as far as the time lies within it.
        while (moment - _MINUTE).astimezone(clock).utcoffset() == seen.utcoffset():
            moment -= _MINUTE
    return to_epoch_us(moment)
