"""Merged: the partials of many days as the sources that definitions see, and definitions as columns.

Stage two: everything here reads partials, the contracts and the cells, never the records of calls.
"""

from collections.abc import Mapping
from typing import Any

import ibis

from cdr_ingest.features.definitions import DEFINITIONS, Definition, Source
from cdr_ingest.features.partials import Partial, Table
from operator_push.kernel.feature_catalogue import DERIVED, WINDOWS, Feature, FeatureType

WINDOW_DAYS = max(WINDOWS)
PLACE_DAYS = 30
IBIS_TYPES = {
    FeatureType.BOOL: "boolean",
    FeatureType.INT: "int64",
    FeatureType.DOUBLE: "float64",
    FeatureType.STRING: "string",
    FeatureType.DATE: "int64",
    FeatureType.TIMESTAMP: "int64",
    FeatureType.SET: "string",
}


def sources(
    partials: Mapping[Partial, Table], contract: Table | None, cells: Table | None, last_day: int
) -> dict[Source, Table]:
    """The sources of which there is anything; a partial has no row of a later day than `last_day`."""
    found: dict[Source, Table] = {}
    if contract is not None:
        found[Source.CONTRACT] = contract.mutate(subscriber_no=contract.subscriber_no.cast("int64"))
    if Partial.ACTIVITY in partials:
        rows = partials[Partial.ACTIVITY]
        rows = rows.filter(rows.day > last_day - WINDOW_DAYS)
        found[Source.ACTIVITY] = rows.mutate(talks=rows.calls + rows.sms)
    if Partial.CONTACTS in partials:
        rows = partials[Partial.CONTACTS]
        rows = rows.filter(rows.day > last_day - WINDOW_DAYS)
        found[Source.CONTACTS] = rows.group_by("subscriber_no", "contact").agg(
            day=rows.day.max(), talks_30d=rows.talks.sum(where=rows.day > last_day - 30).coalesce(0)
        )
    if Partial.PLACES in partials and cells is not None:
        found[Source.PLACES] = _places(partials[Partial.PLACES], cells, last_day)
    if Partial.TOP_UPS in partials:
        found[Source.TOP_UPS] = partials[Partial.TOP_UPS]
    return found


def _places(places: Table, cells: Table, last_day: int) -> Table:
    """A row per person and known cell; home is the cell most used at night, of equals the first seen."""
    rows = places.filter(places.day > last_day - PLACE_DAYS).join(cells.select("cell_id"), "cell_id")
    by_cell = rows.group_by("subscriber_no", "cell_id").agg(
        records=rows.records.sum(),
        night=rows.night_records.sum(),
        night_us=rows.first_night_us.min(),
        work=rows.work_records.sum(),
        work_us=rows.first_work_us.min(),
    )

    def first(count: Any, moment: Any) -> Any:
        order = [count.desc(), moment, by_cell.cell_id]
        return ibis.row_number().over(group_by=by_cell.subscriber_no, order_by=order)

    ranked = by_cell.mutate(
        home_rank=first(by_cell.night, by_cell.night_us), work_rank=first(by_cell.work, by_cell.work_us)
    )
    marked = ranked.select(
        "subscriber_no",
        "cell_id",
        "records",
        is_home=(ranked.home_rank == 0) & (ranked.night > 0),
        is_work=(ranked.work_rank == 0) & (ranked.work > 0),
    )
    return marked.join(cells, "cell_id")


def people(permission: Table, seen: list[Table]) -> Table:
    """Who permits something and of whom there is anything in `seen`, with their `purposes`."""
    known = seen[0].select("subscriber_no")
    for each in seen[1:]:
        known = known.union(each.select("subscriber_no"))
    known = known.distinct()
    return permission.filter(permission.purposes != 0).semi_join(known, "subscriber_no")


def profiles(
    everybody: Table, purposes: int, found: Mapping[Source, Table], known: set[Source], last_day: int
) -> Table:
    """subscriber_no and the features that need just these purposes, for everybody who permits all of them.

    `known` are the sources whose kind of record was ever read: who has none of them has the definition's
    `empty`, while nothing is known of a kind that was never read.
    """
    columns = everybody.filter((everybody.purposes & purposes) == purposes).select("subscriber_no")
    features = [feature for feature in DERIVED if int(feature.purpose) == purposes]
    for source, rows in found.items():
        made = {
            feature.name: DEFINITIONS[feature.name].value(rows, last_day)
            for feature in features
            if DEFINITIONS[feature.name].source is source
        }
        if not made:
            continue
        if source.is_grouped:
            by_person = rows.group_by("subscriber_no").agg(**made)
        else:
            by_person = rows.select("subscriber_no", **made)
        columns = columns.left_join(by_person, "subscriber_no").drop("subscriber_no_right")
    return columns.select(
        "subscriber_no",
        **{
            feature.name: _column(columns, feature, DEFINITIONS[feature.name], found, known)
            for feature in features
        },
    )


def _column(
    columns: Table,
    feature: Feature,
    definition: Definition,
    found: Mapping[Source, Table],
    known: set[Source],
) -> Any:
    kind = IBIS_TYPES[feature.type]
    empty = ibis.null(kind) if definition.empty is None else ibis.literal(definition.empty, kind)
    if definition.source in found:
        value = columns[feature.name].cast(kind)
        return value if definition.empty is None else value.coalesce(empty)
    return empty if definition.source in known else ibis.null(kind)
