"""Partials: what a person did on one local day, as sums that can be added to those of other days.

Each partial is an Ibis expression from kept records to rows with `subscriber_no` and `day` (local days since
1970). Counts, sums, minima and maxima only, so that days merge in any order; a late day changes its own rows
and no others. Only the columns that somebody asks for are computed. Change VERSION with any meaning here:
days that another version summed are summed anew.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from cdr_ingest.features.local_time import DAY_FROM_US, DAY_UNTIL_US, zone_offsets
from cdr_ingest.features.sequences import CONVERSATION_COLUMNS, talk_gaps, texts_of_conversations
from cdr_ingest.formats.layouts import CALL_KINDS, DATA_KIND, SMS_KINDS, RowKind
from operator_push.kernel.instants import MICROS_PER_DAY, MICROS_PER_SECOND

Table = Any  # ibis.expr.types.Table; Ibis brings no types
Column = Any
VERSION = 5
HOURS = 24
PARTS_OF_DAY = ("night", "morning", "afternoon", "evening")  # of six hours each, from midnight
MICROS_PER_HOUR = 3_600 * MICROS_PER_SECOND
WORK_FROM_US, WORK_UNTIL_US = 9 * MICROS_PER_HOUR, 17 * MICROS_PER_HOUR
SATURDAY = 5
_HALF_HOUR_US = MICROS_PER_HOUR // 2
_DIGITS = 19  # of the largest number of 64 bits
_MONDAY_BEFORE_1970 = -3  # 1970-01-01 was a Thursday


class Partial(Enum):
    """A partial; the value is the name of its folder."""

    ACTIVITY = "activity"  # a person's day
    HOURS = "hours"  # an hour of a person's day
    CONTACTS = "contacts"  # a person's day with one correspondent
    PLACES = "places"  # a person's day in one cell
    STAYS = "stays"  # a half hour of a person's day: the place most used, of equals the first
    COUNTRIES = "countries"  # a person's day in the networks of one country
    GAPS = "gaps"  # a person's day of calls, or of texts: the times between them
    CONVERSATIONS = "conversations"  # a person's day with one correspondent: a conversation by texts
    TOP_UPS = "top_ups"  # a person's day of top-ups
    EACH_TOP_UP = "each_top_up"  # a moment and an amount


@dataclass(frozen=True, slots=True)
class PartialForm:
    """From which kind of record a partial is made, and how.

    `rows` takes records with their local time and gives those that count; `keys` are what a row is about
    beside person and day; `columns` are the sums that there may be.
    """

    kind: RowKind
    rows: Callable[[Table], Table]
    keys: tuple[str, ...]
    columns: Mapping[str, Callable[[Table], Column]]

    def make(self, records: Table, columns: Collection[str]) -> Table:
        """The partial with these of its columns."""
        rows = self.rows(records)
        keys = ("subscriber_no", "day", *self.keys)
        sums = {name: made(rows) for name, made in self.columns.items() if name in columns}
        return rows.group_by(*keys).agg(**sums) if sums else rows.select(*keys).distinct()


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


def part_column(part: str) -> str:
    """The column of how many records lie in a part of the day."""
    return f"records_{part}"


def answered_column(part: str) -> str:
    """The column of how many calls were answered in a part of the day."""
    return f"answered_{part}"


def _counted(wanted: Callable[[Table], Column]) -> Callable[[Table], Column]:
    return lambda rows: rows.count(where=wanted(rows))


def _everything(rows: Table) -> Column:
    return rows.count()


def _sum(name: str, wanted: Callable[[Table], Column]) -> Callable[[Table], Column]:
    return lambda rows: rows[name].cast("int64").sum(where=wanted(rows)).coalesce(0).cast("int64")


def _is_night(rows: Table) -> Column:
    return ~((rows.day_us > DAY_FROM_US) & (rows.day_us < DAY_UNTIL_US))


def _is_at_work(rows: Table) -> Column:
    return (weekday(rows.day) < SATURDAY) & (rows.day_us >= WORK_FROM_US) & (rows.day_us < WORK_UNTIL_US)


def _is_of(*kinds: str) -> Callable[[Table], Column]:
    return lambda rows: rows.kind.isin(kinds)


def _in_part(place: int) -> Callable[[Table], Column]:
    first_us = 6 * place * MICROS_PER_HOUR
    return lambda rows: (rows.day_us >= first_us) & (rows.day_us < first_us + 6 * MICROS_PER_HOUR)


def _answered_in(place: int) -> Callable[[Table], Column]:
    return lambda rows: (rows.kind == "MT_CALL") & (rows.duration_s > 0) & _in_part(place)(rows)


def _all_rows(rows: Table) -> Table:
    return rows


def _with_hour(rows: Table) -> Table:
    return rows.mutate(hour=rows.day_us // MICROS_PER_HOUR)


def _talks(rows: Table) -> Table:
    return rows.filter(rows.kind.isin(_TALK)).mutate(contact=rows.contact.cast("int64"))


def _in_countries(rows: Table) -> Table:
    """Records that name their network, with its mobile country code (ITU-T E.212)."""
    if "network" not in rows.columns:  # kept by a version that took none
        rows = rows.mutate(network=ibis.null("string"))
    rows = rows.filter(rows.network.notnull())
    return rows.mutate(country=rows.network.substr(0, 3))


def _stays(rows: Table) -> Table:
    return rows.filter(rows.cell_id.notnull())


def _half_hours(rows: Table) -> Table:
    """A row per half hour and cell with records, moments counted from the half hour's begin."""
    rows = rows.mutate(half_hour=rows.day_us // _HALF_HOUR_US, since_us=rows.day_us % _HALF_HOUR_US)
    # Calls and SMS that name no cell are of one place, the unnamed one; a session is nothing but its place.
    rows = rows.filter(rows.kind.isin(_TALK) | rows.cell_id.notnull())
    rows = rows.mutate(cell_id=rows.cell_id.coalesce(""))
    night = _is_night(rows)
    return rows.group_by("subscriber_no", "day", "half_hour", "cell_id").agg(
        records=rows.count(),
        first_us=rows.since_us.min(),
        night_records=rows.count(where=night),
        first_night_us=rows.since_us.min(where=night).coalesce(0),
    )


def _most_used(rows: Table, count: Column, first_us: Column) -> Column:
    """A text that is largest for the largest count, of equals for the earliest, then by the cell's name."""
    rank = count.cast("int64") * _HALF_HOUR_US + (_HALF_HOUR_US - 1 - first_us)
    return rank.cast("string").lpad(_DIGITS, "0") + rows.cell_id


def _call_square_s(rows: Table) -> Column:
    seconds = rows.duration_s.cast("int64")
    return (seconds * seconds).sum(where=_is_of(*CALL_KINDS)(rows)).coalesce(0).cast("int64")


def _with_balance(rows: Table) -> Table:
    if "balance_micros" in rows.columns:
        return rows
    return rows.mutate(balance_micros=ibis.null("int64"))  # kept by a version that took none


def _amount_square(rows: Table) -> Column:
    rupees = rows.amount_micros.cast("float64") / 1e6
    return (rupees * rupees).sum()


_TALK = CALL_KINDS + SMS_KINDS
PARTIALS: dict[Partial, PartialForm] = {
    Partial.ACTIVITY: PartialForm(
        RowKind.CDR,
        _all_rows,
        (),
        {
            "records": _everything,
            "calls": _counted(_is_of(*CALL_KINDS)),
            "call_s": _sum("duration_s", _is_of(*CALL_KINDS)),
            "sms": _counted(_is_of(*SMS_KINDS)),
            "sessions": _counted(_is_of(DATA_KIND)),
            "octets": _sum("octets", _is_of(DATA_KIND)),
            "outgoing": _counted(_is_of("MO_CALL", "MO_SMS")),
            "calls_out": _counted(_is_of("MO_CALL")),
            "sms_out": _counted(_is_of("MO_SMS")),
            "call_square_s": _call_square_s,
            "night_calls": _counted(lambda rows: _is_of(*CALL_KINDS)(rows) & _is_night(rows)),
            "night_sms": _counted(lambda rows: _is_of(*SMS_KINDS)(rows) & _is_night(rows)),
            "first_call_us": lambda rows: rows.us.min(where=_is_of(*CALL_KINDS)(rows)),
            "last_call_us": lambda rows: rows.us.max(where=_is_of(*CALL_KINDS)(rows)),
            "first_sms_us": lambda rows: rows.us.min(where=_is_of(*SMS_KINDS)(rows)),
            "last_sms_us": lambda rows: rows.us.max(where=_is_of(*SMS_KINDS)(rows)),
            "night_talks": _counted(lambda rows: rows.kind.isin(_TALK) & _is_night(rows)),
            **{part_column(part): _counted(_in_part(place)) for place, part in enumerate(PARTS_OF_DAY)},
            **{
                answered_column(part): _counted(_answered_in(place))
                for place, part in enumerate(PARTS_OF_DAY)
            },
        },
    ),
    Partial.HOURS: PartialForm(RowKind.CDR, _with_hour, ("hour",), {"records": _everything}),
    Partial.CONTACTS: PartialForm(
        RowKind.CDR,
        _talks,
        ("contact",),
        {
            "talks": _everything,
            "calls": _counted(_is_of(*CALL_KINDS)),
            "sms": _counted(_is_of(*SMS_KINDS)),
            "calls_out": _counted(_is_of("MO_CALL")),
            "sms_out": _counted(_is_of("MO_SMS")),
            "call_s": _sum("duration_s", _is_of(*CALL_KINDS)),
        },
    ),
    Partial.PLACES: PartialForm(
        RowKind.CDR,
        _stays,
        ("cell_id",),
        {
            "records": _everything,
            "night_records": _counted(_is_night),
            "first_night_us": lambda rows: rows.us.min(where=_is_night(rows)),
            "work_records": _counted(_is_at_work),
            "first_work_us": lambda rows: rows.us.min(where=_is_at_work(rows)),
        },
    ),
    Partial.STAYS: PartialForm(
        RowKind.CDR,
        _half_hours,
        ("half_hour",),
        {
            "cell_id": lambda rows: _most_used(rows, rows.records, rows.first_us).max().substr(_DIGITS),
            "night_cell_id": lambda rows: (
                _most_used(rows, rows.night_records, rows.first_night_us)
                .max(where=rows.night_records > 0)
                .substr(_DIGITS)
            ),
        },
    ),
    Partial.COUNTRIES: PartialForm(RowKind.CDR, _in_countries, ("country",), {}),
    Partial.GAPS: PartialForm(
        RowKind.CDR,
        talk_gaps,
        ("is_call",),
        {
            "talks": _everything,
            "first_s": lambda rows: rows.second.min(),
            "last_s": lambda rows: rows.second.max(),
            "gap_square": lambda rows: (rows.gap_s * rows.gap_s).sum().cast("int64"),
        },
    ),
    Partial.CONVERSATIONS: PartialForm(
        RowKind.CDR, texts_of_conversations, ("contact", "conversation"), CONVERSATION_COLUMNS
    ),
    Partial.EACH_TOP_UP: PartialForm(
        RowKind.TOP_UP, _all_rows, ("us", "amount_micros"), {"top_ups": _everything}
    ),
    Partial.TOP_UPS: PartialForm(
        RowKind.TOP_UP,
        _with_balance,
        (),
        {
            "top_ups": _everything,
            "amount_micros": lambda rows: rows.amount_micros.sum().cast("int64"),
            "amount_square": _amount_square,
            "told_balances": lambda rows: rows.balance_micros.count(),
            "left_micros": lambda rows: (
                (rows.balance_micros - rows.amount_micros).sum().coalesce(0).cast("int64")
            ),
            "first_us": lambda rows: rows.us.min(),
            "last_us": lambda rows: rows.us.max(),
            "last_amount_micros": lambda rows: rows.amount_micros.argmax(rows.us),
        },
    ),
}
