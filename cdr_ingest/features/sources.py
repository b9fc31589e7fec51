"""Sources: what definitions see, made from the partials of many days, the contracts and the cells.

A view is a source over one window. It has (at least) the columns that somebody asks for.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from cdr_ingest.features import source_rows
from cdr_ingest.features.partials import PARTIALS, Partial, Table
from cdr_ingest.features.sequences import joined_conversations, joined_gaps
from cdr_ingest.formats.layouts import RowKind
from operator_push.kernel.contracts import RESPONSES_COLUMNS


class Source(Enum):
    """What expressions see. Of those that are `grouped` an expression is an aggregate per person.

    `is_windowed`: its rows are of the days of a window, which a definition names; of the others the
    expression chooses the rows of its window itself.
    """

    CONTRACT = "contract"  # one row per person: the contract
    ACTIVITY = "activity"  # a row per person and day of 90 days
    HOURS = "hours"  # a row per person and hour of the day
    CONTACTS = "contacts"  # a row per person and correspondent
    PLACES = "places"  # a row per person and known cell, marked `is_home` and `is_work`
    STAYS = "stays"  # a row per person and cell: how many half hours it was the place of
    WEEKS = "weeks"  # a row per person and week but the last: how its places differ from the next week's
    COUNTRIES = "countries"  # a row per person and country with its `days`; that of most days `is_home`
    GAPS = "gaps"  # a row per person, day, and calls or texts
    CONVERSATIONS = "conversations"  # a row per conversation by texts
    TOP_UPS = "top_ups"  # a row per person and day, of all days until the last
    EACH_TOP_UP = "each_top_up"  # a row per person, moment and amount
    RESPONSES = "responses"  # a row per person and UTC day on which messages arrived, until the last

    @property
    def is_grouped(self) -> bool:
        """Whether a person has several rows."""
        return self is not Source.CONTRACT

    @property
    def is_windowed(self) -> bool:
        """Whether it is made anew for each window."""
        return self not in (Source.CONTRACT, Source.ACTIVITY, Source.TOP_UPS, Source.RESPONSES)


class View(NamedTuple):
    """A source over so many days until the last; 0 where the source is not windowed."""

    source: Source
    days: int = 0


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
_CONVERSATION_TYPES = {
    "is_begun": "boolean", "is_answered": "boolean", "replies": "int64", "delay_s": "int64",
    "delay_square": "int64",
}  # fmt: skip
SOURCES: dict[Source, SourceForm] = {
    Source.CONTRACT: SourceForm(None, {name: SourceColumn(kind) for name, kind in _CONTRACT_TYPES.items()}),
    Source.RESPONSES: SourceForm(
        None, _DAY | {name: SourceColumn("int64") for name in RESPONSES_COLUMNS[2:]}
    ),
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
        {name: SourceColumn("int64", (name,)) for name in PARTIALS[Partial.CONTACTS].columns}
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
    Source.WEEKS: SourceForm(Partial.STAYS, {"churn": SourceColumn("float64", ("cell_id",))}),
    Source.COUNTRIES: SourceForm(
        Partial.COUNTRIES,
        _DAY | {"country": SourceColumn("string"), "is_home": SourceColumn("boolean")},
    ),
    Source.GAPS: SourceForm(
        Partial.GAPS,
        {"is_call": SourceColumn("boolean")}
        | {name: SourceColumn("int64", (name,)) for name in ("talks", "first_s", "last_s")}
        | {"gap_square": SourceColumn("int64", ("gap_square", "first_s", "last_s"))},
    ),
    Source.CONVERSATIONS: SourceForm(
        Partial.CONVERSATIONS,
        {
            name: SourceColumn(kind, tuple(PARTIALS[Partial.CONVERSATIONS].columns))
            for name, kind in _CONVERSATION_TYPES.items()
        },
    ),
    Source.EACH_TOP_UP: SourceForm(
        Partial.EACH_TOP_UP,
        {name: SourceColumn("int64", ("top_ups",)) for name in ("top_ups", "gap_s", "second", "needed")},
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


def kind_behind(source: Source) -> RowKind | None:
    """The kind of record that must have been read for anything to be known of a source; None: the product's
    own file of responses."""
    partial = SOURCES[source].partial
    if source is Source.RESPONSES:
        return None
    return RowKind.SUBSCRIBER if partial is None else PARTIALS[partial].kind


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to make sources from: partials of the days of the windows, contracts, cells, responses
    (`day` since 1970)."""

    partials: Mapping[Partial, Table]
    contract: Table | None
    cells: Table | None
    last_day: int
    responses: Table | None = None


def made(view: View, columns: Collection[str], found: Found) -> Table | None:
    """A view with (at least) these of its columns; None where there is nothing that it is made from."""
    form = SOURCES[view.source]
    if view.source is Source.RESPONSES:
        rows = found.responses
        return None if rows is None else rows.filter(rows.day <= found.last_day)
    if form.partial is None:
        if found.contract is None:
            return None
        return found.contract.mutate(subscriber_no=found.contract.subscriber_no.cast("int64"))
    rows = found.partials.get(form.partial)
    if rows is None:
        return None
    if view.source.is_windowed:
        rows = rows.filter(rows.day > found.last_day - view.days)
    match view.source:
        case Source.ACTIVITY:
            return rows.mutate(talks=rows.calls + rows.sms) if "talks" in columns else rows
        case Source.HOURS:
            return rows.group_by("subscriber_no", "hour").agg(records=rows.records.sum().cast("int64"))
        case Source.CONTACTS:
            return source_rows.contacts(rows, columns)
        case Source.PLACES:
            return None if found.cells is None else source_rows.places(rows, columns, found.cells)
        case Source.STAYS:
            return None if found.cells is None else source_rows.stays(rows, columns, found.cells)
        case Source.WEEKS:
            return source_rows.weeks(rows)
        case Source.COUNTRIES:
            return source_rows.countries(rows)
        case Source.GAPS:
            return joined_gaps(rows) if "gap_square" in columns else rows
        case Source.CONVERSATIONS:
            return joined_conversations(rows)
        case Source.EACH_TOP_UP:
            return source_rows.each_top_up(rows)
        case _:
            before = {"day_before", "amount_before", "gap_us"} & {*columns}
            return source_rows.top_ups(rows) if before else rows
