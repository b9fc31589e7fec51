"""Parts of records: of the week, of the day, by interaction; bins of time; places of half hours."""

from dataclasses import dataclass

import numpy as np

from cdr_ingest.indicators.groups import Flags, Ints, pairs, starts
from cdr_ingest.indicators.places import Places
from cdr_ingest.indicators.records import Recharges, Records

WEEK_PARTS = ("allweek", "weekday", "weekend")
DAY_PARTS = ("allday", "day", "night")
GROUP_BY = ("week", "day", "none")
NIGHT_START_S, NIGHT_END_S = 19 * 3600, 7 * 3600  # night is until 07:00:00 and from 19:00:00, both inclusive
WEEKEND = (6, 7)  # ISO weekdays
DAY_S = 86_400
HALF_HOUR_S = 1_800


@dataclass(slots=True, frozen=True)
class Bins:
    """The groups of some ordered rows: one per person and week, day, or altogether."""

    group: Ints  # each row's
    person: Ints  # each group's

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(self.person)


def bin_number(time_s: Ints, group_by: str) -> Ints:
    """The ISO week, the day, or 0: numbers that grow with time."""
    if group_by == "none":
        return np.zeros(len(time_s), dtype=np.int64)
    day = time_s // DAY_S
    return day if group_by == "day" else (day + 3) // 7  # ISO weeks begin on Monday


def bins(person: Ints, time_s: Ints, group_by: str) -> Bins:
    """Bins of rows that are ordered by person and time."""
    begins = starts(person, bin_number(time_s, group_by))
    return Bins(np.cumsum(begins, dtype=np.int64) - 1, person[begins])


def part(rows: Records | Recharges, week_part: str, day_part: str) -> Flags:
    """Which rows lie in this part of the week and of the day."""
    chosen = np.ones(len(rows), dtype=np.bool_)
    if week_part != "allweek":
        chosen &= is_weekend(rows.time_s) == (week_part == "weekend")
    if day_part != "allday":
        chosen &= is_night(rows.time_s) == (day_part == "night")
    return chosen


def half_hours(records: Records, in_bins: Bins, places: Places) -> tuple[Bins, Ints]:
    """The place of each half hour with records: the most frequent one, of equals the first seen.

    Returns the bins of the half hours and their places, in the order of time.
    """
    begins = starts(in_bins.group, records.time_s // HALF_HOUR_S)
    first = np.flatnonzero(begins)
    place = records.place[first]
    size = np.diff(np.append(first, len(records)))
    if (size > 2).any():  # Of two the first one has it, whatever the other is.
        number = np.cumsum(begins) - 1
        crowded = (size > 2)[number]
        found = pairs(number[crowded], records.place[crowded])
        best = np.lexsort((found.first, -found.size, found.group))
        best = best[starts(found.group[best])]
        place[found.group[best]] = found.key[best]
        for half in np.unique(number[crowded & places.likened[records.place]]).tolist():
            seen = records.place[first[half] : first[half] + size[half]]
            place[half] = places.most_frequent(seen)
    return Bins(in_bins.group[first], in_bins.person), place


def is_night(time_s: Ints) -> Flags:
    """Which instants are at night."""
    clock = time_s % DAY_S
    return ~((clock > NIGHT_END_S) & (clock < NIGHT_START_S))


def is_weekend(time_s: Ints) -> Flags:
    """Which instants are on a Saturday or Sunday."""
    return (time_s // DAY_S + 3) % 7 >= WEEKEND[0] - 1  # 1970-01-01 was a Thursday
