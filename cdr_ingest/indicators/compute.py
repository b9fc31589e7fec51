"""From people's records to what is told of each: every asked indicator, part of the week and of the day."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from cdr_ingest.indicators.catalogue import (
    AVERAGE_BALANCE,
    CHURN_RATE,
    INDICATORS,
    NAMES,
    RECHARGE_INDICATORS,
    Indicator,
    Source,
)
from cdr_ingest.indicators.groups import DEFAULT_KEYS, EXTENDED_KEYS, Floats, Ints, summary
from cdr_ingest.indicators.recharges import average_balance_recharges
from cdr_ingest.indicators.records import CALL, LOCATION, TEXT, People, Recharges, Records
from cdr_ingest.indicators.selections import DAY_PARTS, WEEK_PARTS, Bins, bins, half_hours, part
from cdr_ingest.indicators.spatial import Stays, churn_rates, homes

Told = list[Any]  # one entry per person: a number, None, or a dict of statistics
INTERACTION = {"call": CALL, "text": TEXT}


@dataclass(slots=True, frozen=True)
class Asked:
    """What is asked for. `group_by` is week, day or none."""

    group_by: str = "week"
    extended: bool = False
    split_week: bool = False
    split_day: bool = False
    names: Collection[str] = NAMES


@dataclass(slots=True, frozen=True)
class Found:
    """One indicator: its part of the week, part of the day and interaction, and its values."""

    name: str
    path: tuple[str, ...]
    told: Told


def compute(people: People, asked: Asked) -> Iterator[Found]:
    """Every asked indicator, for all people at once; those of top-ups also for people without any."""
    by_parts = [one for one in INDICATORS if one.name in asked.names]
    home = np.zeros(0, dtype=np.int64)
    if needs_home(asked):
        home = homes(people.records, len(people.names), people.places)
    records = people.corrected()
    for week_part, day_part in _parts(asked):
        rows = records
        if (week_part, day_part) != (WEEK_PARTS[0], DAY_PARTS[0]):
            rows = rows.take(part(rows, week_part, day_part))
        cut = _Cut(rows, asked.group_by, people, home)
        for one in by_parts:
            for interaction in one.interactions or ("",):
                path = (week_part, day_part, *([interaction] if interaction else []))
                yield Found(one.name, path, _told(one, cut.values(one, interaction), cut, interaction, asked))
    if CHURN_RATE in asked.names:
        rates, person = churn_rates(records, people.places)
        yield Found(CHURN_RATE, (), _spread(rates, person, len(people.names)))
    yield from _recharges(people, asked)


def needs_home(asked: Asked) -> bool:
    """Whether anything asked for depends on where people live."""
    return "percent_at_home" in asked.names


def _parts(asked: Asked) -> Iterator[tuple[str, str]]:
    weeks = WEEK_PARTS if asked.split_week else WEEK_PARTS[:1]
    return product(weeks, DAY_PARTS if asked.split_day else DAY_PARTS[:1])


class _Cut:
    """The records of one part of the week and the day; each interaction is cut out once."""

    def __init__(self, rows: Records, group_by: str, people: People, home: Ints) -> None:
        self._rows, self._group_by = rows, group_by
        self._people, self._home = people, home
        self._by_interaction: dict[str, tuple[Records, Bins]] = {}
        self._stays: Stays | None = None
        self.persons = len(people.names)

    def values(self, one: Indicator, interaction: str) -> Any:
        """What the indicator gives for each bin."""
        if one.source is Source.STAYS:
            return one.compute(self.stays())
        return one.compute(*self.records(interaction))

    def bins(self, interaction: str) -> Bins:
        """The bins that values stand for."""
        return self.records(interaction)[1] if interaction else self.stays().bins

    def records(self, interaction: str) -> tuple[Records, Bins]:
        """The records of an interaction (`callandtext`: of both) and their bins."""
        if interaction not in self._by_interaction:
            rows = self._rows
            if interaction != "callandtext":
                rows = rows.take(rows.interaction == INTERACTION[interaction])
            elif (rows.interaction == LOCATION).any():
                rows = rows.take(rows.interaction != LOCATION)
            self._by_interaction[interaction] = rows, bins(rows.person, rows.time_s, self._group_by)
        return self._by_interaction[interaction]

    def stays(self) -> Stays:
        """The half hours, of records of every kind."""
        if self._stays is None:
            in_bins = bins(self._rows.person, self._rows.time_s, self._group_by)
            halves, place = half_hours(self._rows, in_bins, self._people.places)
            self._stays = Stays(place, halves, self._home, self._people.places)
        return self._stays


def _recharges(people: People, asked: Asked) -> Iterator[Found]:
    persons = len(people.names)
    for week_part, day_part in _parts(asked):
        rows: Recharges = people.recharges
        rows = rows.take(part(rows, week_part, day_part))
        in_bins = bins(rows.person, rows.time_s, asked.group_by)
        for one in RECHARGE_INDICATORS:
            if one.name in asked.names:
                told = _told_of(one, one.compute(rows, in_bins), in_bins, persons, asked)
                yield Found(one.name, (week_part, day_part), told)
    if AVERAGE_BALANCE in asked.names:
        yield Found(AVERAGE_BALANCE, (), _numbers(average_balance_recharges(people.recharges, persons)))


def _told(one: Indicator, values: Any, cut: _Cut, interaction: str, asked: Asked) -> Told:
    return _told_of(one, values, cut.bins(interaction), cut.persons, asked)


def _told_of(one: Indicator, values: Any, in_bins: Bins, persons: int, asked: Asked) -> Told:
    if not one.is_summary:
        if asked.group_by == "none":
            return _numbers(_of_persons(values, in_bins, persons))
        return _spread(values, in_bins.person, persons)
    keys = EXTENDED_KEYS if asked.extended else DEFAULT_KEYS
    numbers, group = values
    columns = summary(numbers, group, in_bins.count, asked.extended).columns
    if asked.group_by == "none":
        each = [_numbers(_of_persons(columns[key], in_bins, persons)) for key in keys]
    else:
        each = [_spread(columns[key], in_bins.person, persons) for key in keys]
    return _dicts(keys, each)


def _of_persons(values: Floats, in_bins: Bins, persons: int) -> Floats:
    out = np.full(persons, np.nan)
    out[in_bins.person] = values
    return out


def _spread(values: Floats, person: Ints, persons: int) -> Told:
    """Mean and deviation over a person's bins that have a value."""
    known = ~np.isnan(values)
    columns = summary(values[known], person[known], persons, extended=False).columns
    return _dicts(DEFAULT_KEYS, [_numbers(columns[key]) for key in DEFAULT_KEYS])


def _dicts(keys: Collection[str], each: list[Told]) -> Told:
    return [dict(zip(keys, values, strict=True)) for values in zip(*each, strict=True)]


def _numbers(values: Floats) -> Told:
    """Numbers as Python has them; None where there is none."""
    return [None if value != value else value for value in values.tolist()]
