"""Sources: what definitions see, made from the partials of many days, the contracts and the cells.

Stage two: nothing here reads the records of calls. A source has only the columns that somebody asks for.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import ibis

from cdr_ingest.features.partials import PARTIALS, Partial, Table
from cdr_ingest.formats.layouts import RowKind


class Source(Enum):
    """What expressions see. Of those that are `grouped` an expression is an aggregate per person."""

    CONTRACT = "contract"  # one row per person: the contract
    ACTIVITY = "activity"  # a row per person and day of 90 days
    HOURS = "hours"  # a row per person and hour of the day, of 30 days
    CONTACTS = "contacts"  # a row per person and correspondent, with the last `day`, of 90 days
    PLACES = "places"  # a row per person and known cell of 30 days, marked `is_home` and `is_work`
    STAYS = "stays"  # a row per person and cell of 30 days: how many half hours it was the place of
    TOP_UPS = "top_ups"  # a row per person and day, of all days until the last

    @property
    def is_grouped(self) -> bool:
        """Whether a person has several rows."""
        return self is not Source.CONTRACT


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column's type, and the sums of the partial that it is made from."""

    type: str
    made_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceForm:
    """The partial behind a source (None: none), and the columns that definitions may use."""

    partial: Partial | None
    columns: Mapping[str, SourceColumn]


_DAY = {"day": SourceColumn("int64")}
_CONTRACT_TYPES = {
    "activated_on": "date",
    "birth_year": "int64",
    "language": "string",
    "plan": "string",
    "prepaid": "boolean",
    "device_os": "string",
    "account_code": "string",
    "customer_code": "string",
    "home_zone": "string",
    "age_band": "string",
    "device_tac": "string",
    "plan_ends_on": "date",
    "status": "string",
    "sim_swapped_day": "int64",
    # What the catalogues add.
    "device_brand": "string",
    "device_model": "string",
    "device_catalogue_os": "string",
    "device_release_year": "int64",
    "plan_name": "string",
    "plan_price_micros": "int64",
    "plan_period_days": "int64",
    "plan_closes_on": "date",
}
_STAY = ("cell_id", "night_cell_id")
_BEFORE = ("first_us", "last_us", "last_amount_micros")
# Of rows from the largest count to the smallest: what stands before a row, and 80 % of all, rounded up.
_RANKED = {"before": "int64", "enough": "float64"}
_ENOUGH = 0.8
_HALF_HOURS = 48
SOURCES: dict[Source, SourceForm] = {
    Source.CONTRACT: SourceForm(None, {name: SourceColumn(kind) for name, kind in _CONTRACT_TYPES.items()}),
    Source.ACTIVITY: SourceForm(
        Partial.ACTIVITY,
        _DAY
        | {name: SourceColumn("int64", (name,)) for name in PARTIALS[Partial.ACTIVITY].columns}
        | {"talks": SourceColumn("int64", ("calls", "sms"))},
    ),
    Source.HOURS: SourceForm(
        Partial.HOURS, {"hour": SourceColumn("int64"), "records": SourceColumn("int64", ("records",))}
    ),
    Source.CONTACTS: SourceForm(
        Partial.CONTACTS,
        _DAY
        | {f"{name}_30d": SourceColumn("int64", (name,)) for name in PARTIALS[Partial.CONTACTS].columns}
        | {
            f"{name}_{what}": SourceColumn(kind, (name,))
            for name in ("calls", "sms", "call_s")
            for what, kind in _RANKED.items()
        },
    ),
    Source.PLACES: SourceForm(
        Partial.PLACES,
        {
            "records": SourceColumn("int64", ("records",)),
            "is_home": SourceColumn("boolean", ("night_records", "first_night_us")),
            "is_work": SourceColumn("boolean", ("work_records", "first_work_us")),
            "city": SourceColumn("string"),
            "latitude": SourceColumn("float64"),
            "longitude": SourceColumn("float64"),
        },
    ),
    Source.STAYS: SourceForm(
        Partial.STAYS,
        {"stays": SourceColumn("int64", ("cell_id",)), "is_home": SourceColumn("boolean", _STAY)}
        | {f"stays_{what}": SourceColumn(kind, ("cell_id",)) for what, kind in _RANKED.items()}
        | {
            name: SourceColumn("float64", ("cell_id",))
            for name in ("latitude", "longitude", "centre_latitude", "centre_longitude")
        }
        | {"located_stays": SourceColumn("int64", ("cell_id",))},
    ),
    Source.TOP_UPS: SourceForm(
        Partial.TOP_UPS,
        _DAY
        | {
            name: SourceColumn("float64" if name == "amount_square" else "int64", (name,))
            for name in PARTIALS[Partial.TOP_UPS].columns
        }
        | {name: SourceColumn("int64", _BEFORE) for name in ("day_before", "amount_before", "gap_us")},
    ),
}


def kind_behind(source: Source) -> RowKind:
    """The kind of record that must have been read for anything to be known of a source."""
    partial = SOURCES[source].partial
    return RowKind.SUBSCRIBER if partial is None else PARTIALS[partial].kind


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to make sources from: partials of the days of the windows, contracts, cells."""

    partials: Mapping[Partial, Table]
    contract: Table | None
    cells: Table | None
    last_day: int


def made(source: Source, columns: Collection[str], found: Found) -> Table | None:
    """A source with (at least) these of its columns; None where there is nothing that it is made from."""
    form = SOURCES[source]
    if form.partial is None:
        if found.contract is None:
            return None
        return found.contract.mutate(subscriber_no=found.contract.subscriber_no.cast("int64"))
    rows = found.partials.get(form.partial)
    if rows is None:
        return None
    match source:
        case Source.ACTIVITY:
            return rows.mutate(talks=rows.calls + rows.sms) if "talks" in columns else rows
        case Source.HOURS:
            return rows.group_by("subscriber_no", "hour").agg(records=rows.records.sum().cast("int64"))
        case Source.CONTACTS:
            return _contacts(rows, columns, found.last_day)
        case Source.PLACES:
            return None if found.cells is None else _places(rows, columns, found.cells)
        case Source.STAYS:
            return None if found.cells is None else _stays(rows, columns, found.cells)
        case _:
            return _top_ups(rows) if {"day_before", "amount_before", "gap_us"} & {*columns} else rows


def _contacts(rows: Table, columns: Collection[str], last_day: int) -> Table:
    month = rows.day > last_day - 30
    ranked = [name for name in ("calls", "sms", "call_s") if f"{name}_before" in columns]
    sums = {
        f"{name}_30d": rows[name].sum(where=month).coalesce(0).cast("int64")
        for name in PARTIALS[Partial.CONTACTS].columns
        if f"{name}_30d" in columns or name in ranked
    }
    found = rows.group_by("subscriber_no", "contact").agg(day=rows.day.max(), **sums)
    for name in ranked:
        found = _with_rank(found, name, f"{name}_30d", "contact")
    return found


def _with_rank(rows: Table, name: str, count: str, key: str) -> Table:
    """With NAME_before and NAME_enough: the rows of a person that come first until there is enough."""
    whole = rows[count].sum().over(group_by=rows.subscriber_no)
    until = (
        rows[count]
        .sum()
        .over(group_by=rows.subscriber_no, order_by=[rows[count].desc(), rows[key]], rows=(None, 0))
    )
    enough = (whole.cast("float64") * _ENOUGH).ceil().cast("float64")
    return rows.mutate(**{f"{name}_before": (until - rows[count]).cast("int64"), f"{name}_enough": enough})


def _stays(rows: Table, columns: Collection[str], cells: Table) -> Table:
    """A row per person and cell; home is the place of most half hours at night, of equals the first."""
    found = rows.group_by("subscriber_no", "cell_id").agg(stays=rows.count())
    if "is_home" in columns:
        night = rows.filter(rows.night_cell_id.notnull())
        order = (night.day * _HALF_HOURS + night.half_hour).min()
        nights = night.group_by("subscriber_no", "night_cell_id").agg(nights=night.count(), first=order)
        by = [nights.nights.desc(), nights["first"]]
        place = ibis.row_number().over(group_by=nights.subscriber_no, order_by=by)
        home = nights.mutate(place=place).filter(lambda each: each.place == 0)
        home = home.select(home_of="subscriber_no", home_cell_id="night_cell_id")
        # Who was nowhere at night has no home; a home may be a cell where the person is never longest.
        found = found.left_join(home, found.subscriber_no == home.home_of).drop("home_of")
        found = found.mutate(is_home=found.cell_id == found.home_cell_id).drop("home_cell_id")
    if "stays_before" in columns:
        found = _with_rank(found, "stays", "stays", "cell_id")
    if "located_stays" in columns:
        where = cells.select("latitude", "longitude", at_cell="cell_id")
        found = found.left_join(where, found.cell_id == where.at_cell).drop("at_cell")
        found = found.mutate(located_stays=found.latitude.notnull().ifelse(found.stays, 0))
        of_person = {"group_by": found.subscriber_no}
        whole = found.located_stays.sum().over(**of_person).nullif(0)
        found = found.mutate(
            **{
                f"centre_{name}": (found[name] * found.located_stays).sum().over(**of_person) / whole
                for name in ("latitude", "longitude")
            }
        )
    return found


def _top_ups(rows: Table) -> Table:
    """With what came before: the day, its last amount, and the time between its last and this first one."""
    before = ibis.window(group_by=rows.subscriber_no, order_by=rows.day)
    return rows.mutate(
        day_before=rows.day.lag().over(before),
        amount_before=rows.last_amount_micros.lag().over(before),
        gap_us=rows.first_us - rows.last_us.lag().over(before),
    )


def _places(places: Table, columns: Collection[str], cells: Table) -> Table:
    """A row per person and known cell; home is the cell most used at night, of equals the first seen."""
    sums: dict[str, Any] = {}
    if "records" in columns:
        sums["records"] = places.records.sum().cast("int64")
    marks = {"is_home": ("night_records", "first_night_us"), "is_work": ("work_records", "first_work_us")}
    marks = {mark: behind for mark, behind in marks.items() if mark in columns}
    for count, moment in marks.values():
        sums |= {count: places[count].sum().cast("int64"), moment: places[moment].min()}
    keys = ("subscriber_no", "cell_id")
    by_cell = places.group_by(*keys).agg(**sums) if sums else places.select(*keys).distinct()
    by_cell = by_cell.semi_join(cells, "cell_id")
    for mark, (count, moment) in marks.items():
        order = [by_cell[count].desc(), by_cell[moment], by_cell.cell_id]
        rank = ibis.row_number().over(group_by=by_cell.subscriber_no, order_by=order)
        by_cell = by_cell.mutate(**{mark: (rank == 0) & (by_cell[count] > 0)})
    return by_cell.join(cells, "cell_id")
