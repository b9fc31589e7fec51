"""Definitions: feature name → Ibis expression; the only place that says how a feature is made.

Names, types, units, purposes and meanings stand in `kernel.feature_catalogue`; a test holds the two
together. An expression sees one of the `sources` and the last local day of the window. `empty` is
the value of somebody who permits it and has no such record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis

from cdr_ingest.features.partials import (
    PARTS_OF_DAY,
    SATURDAY,
    Column,
    Table,
    answered_column,
    part_column,
    weekday,
)
from cdr_ingest.features.research import RESEARCH, entropy_of
from cdr_ingest.features.sources import Source
from cdr_ingest.features.windows import Value, share_of, sum_of, within
from operator_push.kernel.feature_catalogue import WINDOWS

MICROS_PER_UNIT = 1_000_000
OCTETS_PER_MB = 1_000_000
KM_PER_DEGREE = 111.19508372419142  # of a meridian: mean radius 6,371.0088 km (IUGG) times pi over 180
RADIANS_PER_DEGREE = 0.017453292519943295
_PLACES = 32  # more than the largest list of counts that are compared has
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Definition:
    """How one feature is made."""

    source: Source
    value: Value
    empty: Any = None


def _plain(name: str) -> Value:
    return lambda rows, last_day: rows[name]


def since_1970(day: Column) -> Column:
    """A date as days since 1970-01-01."""
    return day.delta(ibis.date("1970-01-01"), unit="day")


def _total(name: str, days: int, per: float) -> Value:
    return lambda rows, last_day: sum_of(name, days)(rows, last_day).cast("float64") / per


def _rows(days: int) -> Value:
    return lambda rows, last_day: rows.count(where=within(rows, last_day, days))


def _tenure_days(rows: Table, last_day: int) -> Column:
    begun = since_1970(rows.activated_on)
    # A contract that starts after the last day has no tenure yet.
    return (begun <= last_day).ifelse(last_day - begun, ibis.null("int64"))


def _part_share(part: str) -> Value:
    return share_of(part_column(part), "records", 30)


def _weekend_share(rows: Table, last_day: int) -> Column:
    recent = within(rows, last_day, 30)
    some = rows.records.sum(where=recent & (weekday(rows.day) >= SATURDAY)).coalesce(0)
    return some.cast("float64") / rows.records.sum(where=recent).coalesce(0).nullif(0)


def _largest(counts: list[Column]) -> Column:
    """The place of the largest count, of equals the first; null where all are 0."""
    # One number holds both: the count, and below it how early the place is.
    best = ibis.greatest(*(count * _PLACES + (_PLACES - 1 - place) for place, count in enumerate(counts)))
    return (best >= _PLACES).ifelse(_PLACES - 1 - best % _PLACES, ibis.null("int64"))


def _busiest_hour(rows: Table, last_day: int) -> Column:
    # Of hours with as many records the first: the later ones have less in the lower part of the number.
    return rows.hour.argmax(rows.records * _PLACES + (_PLACES - 1 - rows.hour))


def _busiest_weekday(rows: Table, last_day: int) -> Column:
    recent = within(rows, last_day, 30)
    return _largest(
        [rows.records.sum(where=recent & (weekday(rows.day) == day)).coalesce(0) for day in range(7)]
    )


def _reach_part(rows: Table, last_day: int) -> Column:
    place = _largest([sum_of(answered_column(part), 30)(rows, last_day) for part in PARTS_OF_DAY])
    return ibis.cases(*((place == number, part) for number, part in enumerate(PARTS_OF_DAY)))


def _lapse(rows: Table, last_day: int) -> Column:
    silent_days, active_days = last_day - rows.day.max(), rows.count()
    return 1.0 - (-(silent_days * active_days).cast("float64") / 90.0).exp()


def _churn(rows: Table, last_day: int) -> Column:
    recent = sum_of("records", 30)(rows, last_day).cast("float64")
    before = rows.records.sum(where=~within(rows, last_day, 30)).cast("float64")
    fall = 1.0 - 2.0 * recent / before
    return (fall < 0.0).ifelse(0.0, fall)  # not greatest(), which would make 0 of what is not known


def _at(mark: str, name: str) -> Value:
    return lambda rows, last_day: rows[name].max(where=rows[mark])


def _area(mark: str) -> Value:
    def tenths(rows: Table, name: str) -> Column:
        return (rows[name] * 10.0).floor().cast("int64").max(where=rows[mark]).cast("string")

    return lambda rows, last_day: tenths(rows, "latitude") + "," + tenths(rows, "longitude")


def _commute_km(rows: Table, last_day: int) -> Column:
    (home_lat, home_lon), (work_lat, work_lon) = (
        (rows.latitude.max(where=rows[mark]), rows.longitude.max(where=rows[mark]))
        for mark in ("is_home", "is_work")
    )
    north = (work_lat - home_lat) * KM_PER_DEGREE
    east = (work_lon - home_lon) * KM_PER_DEGREE * ((home_lat + work_lat) * (RADIANS_PER_DEGREE / 2.0)).cos()
    return (north * north + east * east).sqrt()


def _home_share(rows: Table, last_day: int) -> Column:
    at_home = rows.records.sum(where=rows.is_home).coalesce(0).cast("float64")
    return at_home / rows.records.sum()


def _top_up_gap(rows: Table, last_day: int) -> Column:
    recent = within(rows, last_day, 90)
    days = rows.day.max(where=recent) - rows.day.min(where=recent)
    return days.cast("float64") / (rows.count(where=recent) - 1).nullif(0)


def _mean_top_up(rows: Table, last_day: int) -> Column:
    amount = _total("amount_micros", 90, MICROS_PER_UNIT)(rows, last_day)
    return amount / sum_of("top_ups", 90)(rows, last_day).nullif(0)


def _year_of(day: int) -> int:
    return date.fromordinal(EPOCH_ORDINAL + day).year


def _windowed(
    name: str, source: Source, made: Callable[[int], Value], empty: Any = None
) -> dict[str, Definition]:
    return {f"{name}_{days}d": Definition(source, made(days), empty) for days in WINDOWS}


DEFINITIONS: dict[str, Definition] = {
    "age": Definition(Source.CONTRACT, lambda rows, last_day: _year_of(last_day) - rows.birth_year),
    "language": Definition(Source.CONTRACT, _plain("language")),
    "plan": Definition(Source.CONTRACT, _plain("plan")),
    "prepaid": Definition(Source.CONTRACT, _plain("prepaid")),
    "activated_on": Definition(Source.CONTRACT, lambda rows, last_day: since_1970(rows.activated_on)),
    "tenure_days": Definition(Source.CONTRACT, _tenure_days),
    "device.os": Definition(
        Source.CONTRACT, lambda rows, last_day: rows.device_os.coalesce(rows.device_catalogue_os)
    ),
    "device.brand": Definition(Source.CONTRACT, _plain("device_brand")),
    "device.model": Definition(Source.CONTRACT, _plain("device_model")),
    "device.age_years": Definition(
        Source.CONTRACT, lambda rows, last_day: _year_of(last_day) - rows.device_release_year
    ),
    "plan_name": Definition(Source.CONTRACT, lambda rows, last_day: rows.plan_name.coalesce(rows.plan)),
    "plan_price": Definition(
        Source.CONTRACT, lambda rows, last_day: rows.plan_price_micros.cast("float64") / MICROS_PER_UNIT
    ),
    "plan_ends_on": Definition(
        Source.CONTRACT,
        lambda rows, last_day: since_1970(rows.plan_ends_on.coalesce(rows.plan_closes_on)),
    ),
    "status": Definition(Source.CONTRACT, _plain("status")),
    "age_band": Definition(Source.CONTRACT, _plain("age_band")),
    "home_zone": Definition(Source.CONTRACT, _plain("home_zone")),
    "sim_swapped_on": Definition(Source.CONTRACT, _plain("sim_swapped_day")),
    **_windowed("calls", Source.ACTIVITY, lambda days: sum_of("calls", days), 0),
    **_windowed("call_minutes", Source.ACTIVITY, lambda days: _total("call_s", days, 60.0), 0.0),
    **_windowed("sms", Source.ACTIVITY, lambda days: sum_of("sms", days), 0),
    **_windowed("sessions", Source.ACTIVITY, lambda days: sum_of("sessions", days), 0),
    **_windowed("data_mb", Source.ACTIVITY, lambda days: _total("octets", days, OCTETS_PER_MB), 0.0),
    **_windowed("contacts", Source.CONTACTS, _rows, 0),
    **_windowed("active_days", Source.ACTIVITY, _rows, 0),
    **_windowed("night_share", Source.ACTIVITY, lambda days: share_of("night_talks", "talks", days)),
    "outgoing_share_30d": Definition(Source.ACTIVITY, share_of("outgoing", "talks", 30)),
    "weekend_share_30d": Definition(Source.ACTIVITY, _weekend_share),
    "morning_share_30d": Definition(Source.ACTIVITY, _part_share("morning")),
    "afternoon_share_30d": Definition(Source.ACTIVITY, _part_share("afternoon")),
    "evening_share_30d": Definition(Source.ACTIVITY, _part_share("evening")),
    "busiest_hour_30d": Definition(Source.HOURS, _busiest_hour),
    "busiest_weekday_30d": Definition(Source.ACTIVITY, _busiest_weekday),
    "reach.part": Definition(Source.ACTIVITY, _reach_part),
    "contacts_entropy_30d": Definition(Source.CONTACTS, entropy_of("talks_30d")),
    "days_since_active": Definition(Source.ACTIVITY, lambda rows, last_day: last_day - rows.day.max()),
    "risk.lapse": Definition(Source.ACTIVITY, _lapse),
    "risk.churn": Definition(Source.ACTIVITY, _churn),
    # The most used cell decides, not the sum over a city's cells.
    "home.city": Definition(Source.PLACES, _at("is_home", "city")),
    "home.lat": Definition(Source.PLACES, _at("is_home", "latitude")),
    "home.lon": Definition(Source.PLACES, _at("is_home", "longitude")),
    "home.area": Definition(Source.PLACES, _area("is_home")),
    "work.city": Definition(Source.PLACES, _at("is_work", "city")),
    "work.area": Definition(Source.PLACES, _area("is_work")),
    "commute_km": Definition(Source.PLACES, _commute_km),
    "places_30d": Definition(Source.PLACES, lambda rows, last_day: rows.count(), 0),
    "home_share_30d": Definition(Source.PLACES, _home_share),
    **_windowed("spend", Source.TOP_UPS, lambda days: _total("amount_micros", days, MICROS_PER_UNIT), 0.0),
    **_windowed("top_ups", Source.TOP_UPS, lambda days: sum_of("top_ups", days), 0),
    "mean_top_up_90d": Definition(Source.TOP_UPS, _mean_top_up),
    "top_up_gap_days": Definition(Source.TOP_UPS, _top_up_gap),
    "days_since_top_up": Definition(Source.TOP_UPS, lambda rows, last_day: last_day - rows.day.max()),
    "last_top_up_on": Definition(Source.TOP_UPS, lambda rows, last_day: rows.day.max()),
    **{name: Definition(*each) for name, each in RESEARCH.items()},
}
