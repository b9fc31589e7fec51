"""Definitions: feature name → Ibis expression; the only place that says how a feature is made.

Names, types, units, purposes and meanings stand in `kernel.feature_catalogue`; a test holds the two
together. An expression sees a view of one of the `sources` and the last local day of the window.
"""

from collections.abc import Callable
from datetime import date

import ibis

from cdr_ingest.features.definition import Definition, windowed
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
from cdr_ingest.features.sources import Source, View
from cdr_ingest.features.windows import Value, share_of, sum_of, within
from operator_push.kernel.feature_catalogue import SEVERAL_WEEKS, WEEKDAYS, WHOLE_WEEKS

MICROS_PER_UNIT = 1_000_000
OCTETS_PER_MB = 1_000_000
KM_PER_DEGREE = 111.19508372419142  # of a meridian: mean radius 6,371.0088 km (IUGG) times pi over 180
RADIANS_PER_DEGREE = 0.017453292519943295
_LARGEST = 32  # more than the longest list of counts that are compared has
_CONTRACT, _ACTIVITY, _TOP_UPS = View(Source.CONTRACT), View(Source.ACTIVITY), View(Source.TOP_UPS)
_HOURS, _MONTHS_PLACES = View(Source.HOURS, 30), View(Source.PLACES, 30)
_COUNTRIES = View(Source.COUNTRIES, 90)
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def _plain(name: str) -> Value:
    return lambda rows, last_day: rows[name]


def since_1970(day: Column) -> Column:
    """A date as days since 1970-01-01."""
    return day.delta(ibis.date("1970-01-01"), unit="day")


def _total(name: str, days: int, per: float) -> Value:
    return lambda rows, last_day: sum_of(name, days)(rows, last_day).cast("float64") / per


def _rows(days: int) -> Value:
    return lambda rows, last_day: rows.count(where=within(rows, last_day, days))


def _every_row(_days: int) -> Value:
    return lambda rows, last_day: rows.count()


def _tenure_days(rows: Table, last_day: int) -> Column:
    begun = since_1970(rows.activated_on)
    # A contract that starts after the last day has no tenure yet.
    return (begun <= last_day).ifelse(last_day - begun, ibis.null("int64"))


def _part_share(part: str) -> Callable[[int], Value]:
    return lambda days: share_of(part_column(part), "records", days)


def _share_on(days: int, is_day: Callable[[Column], Column]) -> Value:
    """What the weekdays of which `is_day` is true have of all records."""

    def value(rows: Table, last_day: int) -> Column:
        recent = within(rows, last_day, days)
        some = rows.records.sum(where=recent & is_day(weekday(rows.day))).coalesce(0)
        return some.cast("float64") / rows.records.sum(where=recent).coalesce(0).nullif(0)

    return value


def _weekend_share(days: int) -> Value:
    return _share_on(days, lambda day: day >= SATURDAY)


def _weekday_share(place: int) -> Value:
    return _share_on(30, lambda day: day == place)


def _hour_share(hour: int) -> Value:
    def value(rows: Table, last_day: int) -> Column:
        some = rows.records.sum(where=rows.hour == hour).coalesce(0)
        return some.cast("float64") / rows.records.sum().nullif(0)

    return value


def _largest(counts: list[Column]) -> Column:
    """The place of the largest count, of equals the first; null where all are 0."""
    # One number holds both: the count, and below it how early the place is.
    best = ibis.greatest(*(count * _LARGEST + (_LARGEST - 1 - place) for place, count in enumerate(counts)))
    return (best >= _LARGEST).ifelse(_LARGEST - 1 - best % _LARGEST, ibis.null("int64"))


def _busiest_hour(rows: Table, last_day: int) -> Column:
    # Of hours with as many records the first: the later ones have less in the lower part of the number.
    return rows.hour.argmax(rows.records * _LARGEST + (_LARGEST - 1 - rows.hour))


def _busiest_weekday(days: int) -> Value:
    def value(rows: Table, last_day: int) -> Column:
        recent = within(rows, last_day, days)
        return _largest(
            [rows.records.sum(where=recent & (weekday(rows.day) == day)).coalesce(0) for day in range(7)]
        )

    return value


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


def _countries_abroad(rows: Table, last_day: int) -> Column:
    # Of nobody abroad one engine makes an empty list, the other none.
    return rows.country.collect(where=~rows.is_home).sort().join(" ").coalesce("")


def _home_share(rows: Table, last_day: int) -> Column:
    at_home = rows.records.sum(where=rows.is_home).coalesce(0).cast("float64")
    return at_home / rows.records.sum()


def _top_up_gap(rows: Table, last_day: int) -> Column:
    recent = within(rows, last_day, 90)
    days = rows.day.max(where=recent) - rows.day.min(where=recent)
    return days.cast("float64") / (rows.count(where=recent) - 1).nullif(0)


def _balance_before(days: int) -> Value:
    def value(rows: Table, last_day: int) -> Column:
        left = _total("left_micros", days, MICROS_PER_UNIT)(rows, last_day)
        return left / sum_of("told_balances", days)(rows, last_day).nullif(0)

    return value


def _messages_share(part: str) -> Callable[[int], Value]:
    return lambda days: share_of(part, "delivered", days)


def _days_since_response(rows: Table, last_day: int) -> Column:
    return last_day - rows.day.max(where=(rows.replied + rows.clicked) > 0)


def _mean_top_up(days: int) -> Value:
    def value(rows: Table, last_day: int) -> Column:
        amount = _total("amount_micros", days, MICROS_PER_UNIT)(rows, last_day)
        return amount / sum_of("top_ups", days)(rows, last_day).nullif(0)

    return value


def _year_of(day: int) -> int:
    return date.fromordinal(EPOCH_ORDINAL + day).year


DEFINITIONS: dict[str, Definition] = {
    "age": Definition(_CONTRACT, lambda rows, last_day: _year_of(last_day) - rows.birth_year),
    "language": Definition(_CONTRACT, _plain("language")),
    "plan": Definition(_CONTRACT, _plain("plan")),
    "prepaid": Definition(_CONTRACT, _plain("prepaid")),
    "activated_on": Definition(_CONTRACT, lambda rows, last_day: since_1970(rows.activated_on)),
    "tenure_days": Definition(_CONTRACT, _tenure_days),
    "device.os": Definition(
        _CONTRACT, lambda rows, last_day: rows.device_os.coalesce(rows.device_catalogue_os)
    ),
    "device.brand": Definition(_CONTRACT, _plain("device_brand")),
    "device.model": Definition(_CONTRACT, _plain("device_model")),
    "device.age_years": Definition(
        _CONTRACT, lambda rows, last_day: _year_of(last_day) - rows.device_release_year
    ),
    "plan_name": Definition(_CONTRACT, lambda rows, last_day: rows.plan_name.coalesce(rows.plan)),
    "plan_price": Definition(
        _CONTRACT, lambda rows, last_day: rows.plan_price_micros.cast("float64") / MICROS_PER_UNIT
    ),
    "plan_ends_on": Definition(
        _CONTRACT,
        lambda rows, last_day: since_1970(rows.plan_ends_on.coalesce(rows.plan_closes_on)),
    ),
    "status": Definition(_CONTRACT, _plain("status")),
    "age_band": Definition(_CONTRACT, _plain("age_band")),
    "home_zone": Definition(_CONTRACT, _plain("home_zone")),
    "sim_swapped_on": Definition(_CONTRACT, _plain("sim_swapped_day")),
    **windowed("calls", Source.ACTIVITY, lambda days: sum_of("calls", days), 0),
    **windowed("call_minutes", Source.ACTIVITY, lambda days: _total("call_s", days, 60.0), 0.0),
    **windowed("sms", Source.ACTIVITY, lambda days: sum_of("sms", days), 0),
    **windowed("sessions", Source.ACTIVITY, lambda days: sum_of("sessions", days), 0),
    **windowed("data_mb", Source.ACTIVITY, lambda days: _total("octets", days, OCTETS_PER_MB), 0.0),
    **windowed("contacts", Source.CONTACTS, _every_row, 0),
    **windowed("active_days", Source.ACTIVITY, _rows, 0),
    **windowed("night_share", Source.ACTIVITY, lambda days: share_of("night_talks", "talks", days)),
    **windowed("outgoing_share", Source.ACTIVITY, lambda days: share_of("outgoing", "talks", days)),
    **windowed("morning_share", Source.ACTIVITY, _part_share("morning")),
    **windowed("afternoon_share", Source.ACTIVITY, _part_share("afternoon")),
    **windowed("evening_share", Source.ACTIVITY, _part_share("evening")),
    **windowed("weekend_share", Source.ACTIVITY, _weekend_share, windows=WHOLE_WEEKS),
    **windowed("busiest_hour", Source.HOURS, lambda days: _busiest_hour, windows=WHOLE_WEEKS),
    **windowed("busiest_weekday", Source.ACTIVITY, _busiest_weekday, windows=WHOLE_WEEKS),
    **{f"hour_{hour:02d}_share_30d": Definition(_HOURS, _hour_share(hour)) for hour in range(24)},
    **{
        f"{day}_share_30d": Definition(_ACTIVITY, _weekday_share(place)) for place, day in enumerate(WEEKDAYS)
    },
    "reach.part": Definition(_ACTIVITY, _reach_part),
    **windowed("contacts_entropy", Source.CONTACTS, lambda days: entropy_of("talks")),
    "days_since_active": Definition(_ACTIVITY, lambda rows, last_day: last_day - rows.day.max()),
    "risk.lapse": Definition(_ACTIVITY, _lapse),
    "risk.churn": Definition(_ACTIVITY, _churn),
    # The most used cell decides, not the sum over a city's cells.
    "home.city": Definition(_MONTHS_PLACES, _at("is_home", "city")),
    "home.lat": Definition(_MONTHS_PLACES, _at("is_home", "latitude")),
    "home.lon": Definition(_MONTHS_PLACES, _at("is_home", "longitude")),
    "home.area": Definition(_MONTHS_PLACES, _area("is_home")),
    "work.city": Definition(_MONTHS_PLACES, _at("is_work", "city")),
    "work.area": Definition(_MONTHS_PLACES, _area("is_work")),
    "commute_km": Definition(_MONTHS_PLACES, _commute_km),
    **windowed("places", Source.PLACES, _every_row, 0),
    "home_share_30d": Definition(_MONTHS_PLACES, _home_share),
    "roaming.countries": Definition(_COUNTRIES, _countries_abroad),
    "roaming.count": Definition(_COUNTRIES, lambda rows, last_day: rows.count(where=~rows.is_home)),
    "roaming.days_since": Definition(
        _COUNTRIES, lambda rows, last_day: last_day - rows.day.max(where=~rows.is_home)
    ),
    **windowed("spend", Source.TOP_UPS, lambda days: _total("amount_micros", days, MICROS_PER_UNIT), 0.0),
    **windowed("top_ups", Source.TOP_UPS, lambda days: sum_of("top_ups", days), 0),
    **windowed("mean_top_up", Source.TOP_UPS, _mean_top_up),
    **windowed("balance_before_top_up", Source.TOP_UPS, _balance_before),
    "top_up_gap_days": Definition(_TOP_UPS, _top_up_gap),
    "days_since_top_up": Definition(_TOP_UPS, lambda rows, last_day: last_day - rows.day.max()),
    "last_top_up_on": Definition(_TOP_UPS, lambda rows, last_day: rows.day.max()),
    **windowed(
        "messages.delivered", Source.RESPONSES, lambda days: sum_of("delivered", days), 0, SEVERAL_WEEKS
    ),
    **{
        name: made
        for part in ("replied", "clicked", "opted_out")
        for name, made in windowed(
            f"messages.{part}_share", Source.RESPONSES, _messages_share(part), windows=SEVERAL_WEEKS
        ).items()
    },
    "messages.days_since_response": Definition(View(Source.RESPONSES), _days_since_response),
    **RESEARCH,
}
