"""Definitions: feature name → Ibis expression; the only place that says how a feature is made.

Names, types, units, purposes and meanings stand in `kernel.feature_catalogue`; a test holds the two
together. An expression sees one of the sources of `merged` and the last local day of the window. `empty` is
the value of somebody who permits it and has no such record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

import ibis

from cdr_ingest.features.partials import Column, Table

MICROS_PER_UNIT = 1_000_000
OCTETS_PER_MB = 1_000_000
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class Source(Enum):
    """What expressions see. Of those that are `grouped` an expression is an aggregate per person."""

    CONTRACT = "contract"  # one row per person: the contract
    ACTIVITY = "activity"  # a row per person and day
    CONTACTS = "contacts"  # a row per person and correspondent, with the last `day`
    HOME = "home"  # one row per person: the cell most used at night
    TOP_UPS = "top_ups"  # a row per person and day, of all days until the last

    @property
    def is_grouped(self) -> bool:
        """Whether a person has several rows."""
        return self not in (Source.CONTRACT, Source.HOME)


@dataclass(frozen=True, slots=True)
class Definition:
    """How one feature is made: `value` of a source's table and the last day (local, since 1970)."""

    source: Source
    value: Callable[[Table, int], Column]
    empty: Any = None


def _plain(name: str) -> Callable[[Table, int], Column]:
    return lambda rows, last_day: rows[name]


def _since_1970(day: Column) -> Column:
    return day.delta(ibis.date("1970-01-01"), unit="day")


def _within(rows: Table, last_day: int, days: int) -> Column:
    """Whether a row is of the last so many days; none is later than the last."""
    return rows.day > last_day - days


def _sum(name: str, days: int) -> Callable[[Table, int], Column]:
    return lambda rows, last_day: rows[name].sum(where=_within(rows, last_day, days)).coalesce(0)


def _total(name: str, days: int, per: float) -> Callable[[Table, int], Column]:
    return lambda rows, last_day: _sum(name, days)(rows, last_day).cast("float64") / per


def _rows(days: int) -> Callable[[Table, int], Column]:
    return lambda rows, last_day: rows.count(where=_within(rows, last_day, days))


def _tenure_days(rows: Table, last_day: int) -> Column:
    begun = _since_1970(rows.activated_on)
    # A contract that starts after the last day has no tenure yet.
    return (begun <= last_day).ifelse(last_day - begun, ibis.null("int64"))


def _night_share(rows: Table, last_day: int) -> Column:
    night, talks = _sum("night_talks", 30)(rows, last_day), _sum("talks", 30)(rows, last_day)
    return night.cast("float64") / talks.nullif(0)


def _year_of(day: int) -> int:
    return date.fromordinal(EPOCH_ORDINAL + day).year


DEFINITIONS: dict[str, Definition] = {
    "age": Definition(Source.CONTRACT, lambda rows, last_day: _year_of(last_day) - rows.birth_year),
    "language": Definition(Source.CONTRACT, _plain("language")),
    "plan": Definition(Source.CONTRACT, _plain("plan")),
    "prepaid": Definition(Source.CONTRACT, _plain("prepaid")),
    "activated_on": Definition(Source.CONTRACT, lambda rows, last_day: _since_1970(rows.activated_on)),
    "tenure_days": Definition(Source.CONTRACT, _tenure_days),
    "device.os": Definition(Source.CONTRACT, _plain("device_os")),
    "calls_30d": Definition(Source.ACTIVITY, _sum("calls", 30), 0),
    "call_minutes_30d": Definition(Source.ACTIVITY, _total("call_s", 30, 60.0), 0.0),
    "sms_30d": Definition(Source.ACTIVITY, _sum("sms", 30), 0),
    "data_mb_30d": Definition(Source.ACTIVITY, _total("octets", 30, OCTETS_PER_MB), 0.0),
    "contacts_30d": Definition(Source.CONTACTS, _rows(30), 0),
    "active_days_30d": Definition(Source.ACTIVITY, _rows(30), 0),
    "night_share_30d": Definition(Source.ACTIVITY, _night_share),
    # The most used cell decides, not the sum over a city's cells; the first seen wins a tie.
    "home.city": Definition(Source.HOME, _plain("city")),
    "home.lat": Definition(Source.HOME, _plain("latitude")),
    "home.lon": Definition(Source.HOME, _plain("longitude")),
    "spend_30d": Definition(Source.TOP_UPS, _total("amount_micros", 30, MICROS_PER_UNIT), 0.0),
    "top_ups_30d": Definition(Source.TOP_UPS, _sum("top_ups", 30), 0),
    "days_since_top_up": Definition(Source.TOP_UPS, lambda rows, last_day: last_day - rows.day.max()),
    "last_top_up_on": Definition(Source.TOP_UPS, lambda rows, last_day: rows.day.max()),
}
