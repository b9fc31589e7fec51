"""Detecting: which happening sets off which trigger. One row of DETECTORS each; no clock, no row, no file.

A detector reads a value of a happening, compares it with the one that was known of the person before, and
tells what is new. Where nothing was known before, nothing is new: the first place of a person is no arrival.
A balance is the exception, since "low" needs no comparison.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import cos, radians
from typing import NamedTuple
from zoneinfo import ZoneInfo

from cdr_ingest.triggers.config import AreaConfig, TriggersConfig
from cdr_ingest.triggers.happenings import Happening
from operator_push.kernel.contracts import TRIGGER_MEMORY_BETWEEN
from operator_push.kernel.trigger_catalogue import TRIGGERS_BY_NAME

Attributes = dict[str, bool | int | float | str]
_KM_PER_DEGREE = 111.19508372419142  # of a meridian: mean radius 6,371.0088 km (IUGG) times pi over 180
_BETWEEN = TRIGGER_MEMORY_BETWEEN
_MICROS = 1_000_000
_EPOCH = date(1970, 1, 1).toordinal()


class Cell(NamedTuple):
    """Where a cell is."""

    city: str
    latitude: float
    longitude: float


class Told(NamedTuple):
    """Something to tell: `key` keeps apart what may be told of one person beside each other."""

    trigger: str
    key: str
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What detection knows beside the person: the settings, and the cells by their names."""

    config: TriggersConfig
    cells: Mapping[str, Cell]

    def areas(self, cell: Cell) -> list[str]:
        """Every area that a cell lies in: its city, and those of the configuration."""
        return [cell.city, *(area.name for area in self.config.area if _within(cell, area))]


Read = Callable[[Happening, Surroundings], str | None]
Tell = Callable[[str | None, str, Happening, Surroundings], Iterator[tuple[str, Attributes]]]


@dataclass(frozen=True, slots=True)
class Detector:
    """`what` names the value that is remembered of a person, empty where none is: then `read` tells whether
    it happens at all. `tell` gets the value before and now."""

    trigger: str
    what: str
    read: Read
    tell: Tell

    @property
    def purposes(self) -> int:
        """What remembering it needs."""
        return int(TRIGGERS_BY_NAME[self.trigger].purposes)


def _areas(row: Happening, around: Surroundings) -> str | None:
    cell = around.cells.get(row.cell_id or "")
    return None if cell is None else _BETWEEN.join(around.areas(cell))


def _entered(
    before: str | None, now: str, row: Happening, around: Surroundings
) -> Iterator[tuple[str, Attributes]]:
    if before is None:
        return
    cell = around.cells[row.cell_id or ""]
    left = before.split(_BETWEEN)
    for area in now.split(_BETWEEN):
        if area not in left:
            yield area, {"area": area, "city": cell.city, "lat": cell.latitude, "lon": cell.longitude}


def _landed(
    before: str | None, now: str, row: Happening, around: Surroundings
) -> Iterator[tuple[str, Attributes]]:
    home = around.config.home_country_codes
    country, former = _country(now, home), None if before is None else _country(before, home)
    if former is not None and country != former and country != "":
        yield country, {"network": now}


def _country(network: str, home: Collection[str]) -> str:
    """The country code of a network, empty for those of home: a country may have several."""
    code = network[:3]
    return "" if code in home else code


def _topped_up(
    _before: str | None, _now: str, row: Happening, _around: Surroundings
) -> Iterator[tuple[str, Attributes]]:
    attributes: Attributes = {"amount": (row.amount_micros or 0) / _MICROS}
    if row.balance_micros is not None:
        attributes["balance"] = row.balance_micros / _MICROS
    yield "", attributes


def _low(
    before: str | None, now: str, _row: Happening, around: Surroundings
) -> Iterator[tuple[str, Attributes]]:
    limit = around.config.balance_below_rupees * _MICROS
    if int(now) < limit and (before is None or int(before) >= limit):
        yield "", {"balance": int(now) / _MICROS}


def _changed(
    before: str | None, now: str, _row: Happening, _around: Surroundings
) -> Iterator[tuple[str, Attributes]]:
    if before is not None and before != now:
        yield "", {"device": now}


def _rang(
    _before: str | None, now: str, _row: Happening, _around: Surroundings
) -> Iterator[tuple[str, Attributes]]:
    yield now, {"line": now}


def _ending(
    _before: str | None, now: str, row: Happening, around: Surroundings
) -> Iterator[tuple[str, Attributes]]:
    """Of a plan that is learned when the day's look at plans is over."""
    today = plans_of(row.at_us, around.config)
    told = None if today is None else plan_told(now, today, around.config)
    if told is not None:
        yield told.key, told.attributes


PLAN = "plan"
DETECTORS: tuple[Detector, ...] = (
    Detector("area_entered", "areas", _areas, _entered),
    Detector("landed_abroad", "network", lambda row, around: row.network, _landed),
    Detector("top_up", "", lambda row, around: None if row.amount_micros is None else "", _topped_up),
    Detector(
        "balance_low",
        "balance",
        lambda row, around: None if row.balance_micros is None else str(row.balance_micros),
        _low,
    ),
    Detector("new_device", "tac", lambda row, around: row.device_tac, _changed),
    Detector("new_device", "os", lambda row, around: row.device_os, _changed),
    Detector("missed_call", "", lambda row, around: row.line, _rang),
    # Told by the calendar as well: see plan_told.
    Detector(
        "plan_ending",
        PLAN,
        lambda row, around: None if row.plan_ends_on is None else f"{row.plan_ends_on}{_BETWEEN}{row.plan}",
        _ending,
    ),
)


def plans_of(at_us: int, config: TriggersConfig) -> int | None:
    """The local day (since 1970) whose plans are to be told at a moment; None before its hour."""
    local = datetime.fromtimestamp(at_us / _MICROS, ZoneInfo(config.zone))
    return None if local.hour < config.plan_hour else local.date().toordinal() - _EPOCH


def plan_told(value: str, today: int, config: TriggersConfig) -> Told | None:
    """What is to be told on a local day (since 1970) of somebody whose plan is remembered as `value`."""
    ends_on, _, plan = value.partition(_BETWEEN)
    left = int(ends_on) - today
    if not 0 <= left <= config.plan_days:
        return None
    return Told("plan_ending", ends_on, {"plan": plan, "days_left": left})


def _within(cell: Cell, area: AreaConfig) -> bool:
    latitude, longitude = area.latitude, area.longitude
    north = (cell.latitude - latitude) * _KM_PER_DEGREE
    east = (cell.longitude - longitude) * _KM_PER_DEGREE * cos(radians(latitude))
    return north * north + east * east <= area.radius_km**2
