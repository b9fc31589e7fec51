"""Timetables: whether a `[[population.timetable]]` entry holds for a number at a moment, and until when."""

from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND
from smsc_sim.keyed_chance import KeyedChance
from smsc_sim.patterns import Patterns
from smsc_sim.scenario_handsets import Timetable

_MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND


class TimetableAtWork:
    """One entry with its moments in µs since 1970."""

    def __init__(self, row: Timetable, seed: int, index: int, start_us: int) -> None:
        self.row = row
        self._chance = KeyedChance(seed, f"timetable {index}")
        self._numbers = Patterns((row.like,))
        self._from_us = start_us + int(row.from_s * MICROS_PER_SECOND)
        self._until_us = None if row.until_s is None else start_us + int(row.until_s * MICROS_PER_SECOND)
        self._daily = (
            None if row.daily is None else (_micros_of_day(row.daily[0]), _micros_of_day(row.daily[1]))
        )

    def holds(self, msisdn: str, t: int) -> bool:
        """Whether the number is in the entry's state at `t`."""
        if t < self._from_us or (self._until_us is not None and t >= self._until_us):
            return False
        if self._daily is not None:
            start, end = self._daily
            moment = t % MICROS_PER_DAY
            inside = start <= moment < end if start < end else moment >= start or moment < end
            if not inside:
                return False
        if not self._numbers.fits(msisdn):
            return False
        return self.row.share >= 1 or self._chance.two_units(msisdn)[0] < self.row.share

    def until_us(self, t: int) -> int | None:
        """When the state ends that holds at `t`, or None where it never does."""
        if self._daily is None:
            return self._until_us
        today_us = t - t % MICROS_PER_DAY
        end_us = today_us + self._daily[1]
        if end_us <= t:
            end_us += MICROS_PER_DAY
        return end_us if self._until_us is None else min(end_us, self._until_us)


def _micros_of_day(clock_time: str) -> int:
    hours, minutes = clock_time.split(":")
    return (int(hours) * 60 + int(minutes)) * _MICROS_PER_MINUTE
