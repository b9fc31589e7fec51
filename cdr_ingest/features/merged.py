"""Merged: definitions as the columns of profiles, a row for each person who permits what they need."""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis

from cdr_ingest.features.definition import Definition
from cdr_ingest.features.definitions import DEFINITIONS
from cdr_ingest.features.engine import Engine
from cdr_ingest.features.partials import Table
from cdr_ingest.features.sources import Source, View
from operator_push.kernel.feature_catalogue import Feature, FeatureType

IBIS_TYPES = {
    FeatureType.BOOL: "boolean",
    FeatureType.INT: "int64",
    FeatureType.DOUBLE: "float64",
    FeatureType.STRING: "string",
    FeatureType.DATE: "int64",
    FeatureType.TIMESTAMP: "int64",
    FeatureType.SET: "string",
}


def people(permission: Table, seen: list[Table]) -> Table:
    """Who permits something and of whom there is anything in `seen`, with their `purposes`."""
    known = seen[0].select("subscriber_no")
    for each in seen[1:]:
        known = known.union(each.select("subscriber_no"))
    known = known.distinct()
    return permission.filter(permission.purposes != 0).semi_join(known, "subscriber_no")


def profiles(
    engine: Engine,
    everybody: Table,
    purposes: int,
    features: Sequence[Feature],
    found: Mapping[View, Table],
    known: set[Source],
    last_day: int,
) -> Table:
    """subscriber_no and the features, which need just these purposes, for everybody who permits all of them.

    `known` are the sources whose kind of record was ever read: who has none of them has the definition's
    `empty`, while nothing is known of a kind that was never read.
    """
    permitting = everybody.filter((everybody.purposes & purposes) == purposes).select("subscriber_no")
    columns = permitting
    names: list[str] = []
    for place, (view, rows) in enumerate(found.items()):
        made = {
            feature.name: DEFINITIONS[feature.name].value(rows, last_day)
            for feature in features
            if DEFINITIONS[feature.name].view == view
        }
        if not made:
            continue
        of = f"of_{place}"
        if view.source.is_grouped:
            by_person = rows.group_by(rows.subscriber_no.name(of)).agg(**made)
        else:
            by_person = rows.select(rows.subscriber_no.name(of), **made)
        by_person = engine.set_aside(by_person)
        columns = columns.left_join(by_person, permitting.subscriber_no == by_person[of])
        names += made
    columns = engine.named(columns.select("subscriber_no", *names))
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
    found: Mapping[View, Table],
    known: set[Source],
) -> Any:
    kind = IBIS_TYPES[feature.type]
    empty = ibis.null(kind) if definition.empty is None else ibis.literal(definition.empty, kind)
    if definition.view in found:
        value = columns[feature.name].cast(kind)
        return value if definition.empty is None else value.coalesce(empty)
    return empty if definition.view.source in known else ibis.null(kind)
