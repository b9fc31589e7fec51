"""Partials: what a person did on one local day, as sums that can be added to those of other days.

Each partial is an Ibis expression from kept records to rows with `subscriber_no` and `day` (local days since
1970). Counts, sums, minima and maxima only, so that days merge in any order; a late day changes its own rows
and no others. Change VERSION with any meaning here: days that another version summed are summed anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from cdr_ingest.features.local_time import DAY_FROM_US, DAY_UNTIL_US, zone_offsets
from cdr_ingest.formats.layouts import CALL_KINDS, DATA_KIND, SMS_KINDS, RowKind
from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND

Table = Any  # ibis.expr.types.Table; Ibis brings no types
Column = Any
VERSION = 2
HOURS = 24
PARTS_OF_DAY = ("night", "morning", "afternoon", "evening")  # of six hours each, from midnight
MICROS_PER_HOUR = 3_600 * MICROS_PER_SECOND
WORK_FROM_US, WORK_UNTIL_US = 9 * MICROS_PER_HOUR, 17 * MICROS_PER_HOUR
SATURDAY = 5
_MONDAY_BEFORE_1970 = -3  # 1970-01-01 was a Thursday


class Partial(Enum):
    """A partial; the value is the name of its folder."""

    ACTIVITY = "activity"  # a person's day
    CONTACTS = "contacts"  # a person's day with one correspondent
    PLACES = "places"  # a person's day in one cell
    TOP_UPS = "top_ups"  # a person's day of top-ups


@dataclass(frozen=True, slots=True)
class PartialForm:
    """From which kind of record a partial is made, and how; `make` takes records with their local time."""

    kind: RowKind
    make: Callable[[Table], Table]


def with_local_time(records: Table, moment: str, zone: ZoneInfo, first_us: int, last_us: int) -> Table:
    """Kept records of first_us..last_us with `us` (the moment), `day`, and `day_us` since local midnight."""
    offsets = zone_offsets(zone, first_us, last_us)
    rows = records.mutate(us=records[moment], subscriber_no=records.subscriber_no.cast("int64"))
    rows = rows.filter((rows.us >= first_us) & (rows.us <= last_us))
    local = rows.us + offsets[-1][1]
    for (_, offset_us), (until_us, _) in reversed(list(pairwise(offsets))):
        local = (rows.us < until_us).ifelse(rows.us + offset_us, local)
    rows = rows.mutate(local_us=local)
    return rows.mutate(day=rows.local_us // MICROS_PER_DAY, day_us=rows.local_us % MICROS_PER_DAY)


def weekday(day: Column) -> Column:
    """Monday is 0; `day` is days since 1970-01-01, not before it."""
    return (day - _MONDAY_BEFORE_1970) % 7


def hour_column(hour: int) -> str:
    """The column of how many records lie in an hour of the day."""
    return f"hour_{hour:02d}"


def answered_column(part: str) -> str:
    """The column of how many calls were answered in a part of the day."""
    return f"answered_{part}"


def _is_night(rows: Table) -> Column:
    return ~((rows.day_us > DAY_FROM_US) & (rows.day_us < DAY_UNTIL_US))


def _sum(values: Column, where: Column) -> Column:
    return values.cast("int64").sum(where=where).coalesce(0).cast("int64")


def _activity(rows: Table) -> Table:
    rows = rows.mutate(hour=rows.day_us // MICROS_PER_HOUR)
    call, sms = rows.kind.isin(CALL_KINDS), rows.kind.isin(SMS_KINDS)
    answered = (rows.kind == "MT_CALL") & (rows.duration_s > 0)
    by_hour = {hour_column(hour): rows.count(where=rows.hour == hour) for hour in range(HOURS)}
    by_part = {
        answered_column(part): rows.count(where=answered & rows.hour.between(6 * place, 6 * place + 5))
        for place, part in enumerate(PARTS_OF_DAY)
    }
    return rows.group_by("subscriber_no", "day").agg(
        records=rows.count(),
        calls=rows.count(where=call),
        call_s=_sum(rows.duration_s, call),
        sms=rows.count(where=sms),
        sessions=rows.count(where=rows.kind == DATA_KIND),
        octets=_sum(rows.octets, rows.kind == DATA_KIND),
        outgoing=rows.count(where=rows.kind.isin(("MO_CALL", "MO_SMS"))),
        night_talks=rows.count(where=(call | sms) & _is_night(rows)),
        **by_hour,
        **by_part,
    )


def _contacts(rows: Table) -> Table:
    talks = rows.filter(rows.kind.isin(CALL_KINDS + SMS_KINDS))
    talks = talks.mutate(contact=talks.contact.cast("int64"))
    return talks.group_by("subscriber_no", "day", "contact").agg(talks=talks.count())


def _places(rows: Table) -> Table:
    stays = rows.filter(rows.cell_id.notnull())
    night = _is_night(stays)
    at_work = (
        (weekday(stays.day) < SATURDAY) & (stays.day_us >= WORK_FROM_US) & (stays.day_us < WORK_UNTIL_US)
    )
    return stays.group_by("subscriber_no", "day", "cell_id").agg(
        records=stays.count(),
        night_records=stays.count(where=night),
        first_night_us=stays.us.min(where=night),
        work_records=stays.count(where=at_work),
        first_work_us=stays.us.min(where=at_work),
    )


def _top_ups(rows: Table) -> Table:
    return rows.group_by("subscriber_no", "day").agg(
        top_ups=rows.count(), amount_micros=rows.amount_micros.sum().cast("int64")
    )


PARTIALS: dict[Partial, PartialForm] = {
    Partial.ACTIVITY: PartialForm(RowKind.CDR, _activity),
    Partial.CONTACTS: PartialForm(RowKind.CDR, _contacts),
    Partial.PLACES: PartialForm(RowKind.CDR, _places),
    Partial.TOP_UPS: PartialForm(RowKind.TOP_UP, _top_ups),
}
