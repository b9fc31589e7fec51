"""Compute: one row of features per subscriber who permits something and of whom a record is kept.

A feature is null where its purpose is not permitted, whatever the records say. The file carries the
snapshot's metadata, so that a reader knows how old the permissions behind it are.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from cdr_ingest.features.definitions import DEFINITIONS, Definition, Source
from cdr_ingest.features.sources import parquet_files, source_relations
from cdr_ingest.formats.layouts import RowKind
from operator_push.kernel.contracts import FEATURES_VERSION, SNAPSHOT_KEY
from operator_push.kernel.feature_catalogue import FEATURES, Feature, FeatureType

_ARROW = {
    FeatureType.BOOL: pa.bool_(),
    FeatureType.INT: pa.int64(),
    FeatureType.DOUBLE: pa.float64(),
    FeatureType.STRING: pa.string(),
    FeatureType.DATE: pa.int64(),
    FeatureType.TIMESTAMP: pa.int64(),
    FeatureType.SET: pa.string(),
}
_SQL = {
    FeatureType.BOOL: "BOOLEAN",
    FeatureType.INT: "BIGINT",
    FeatureType.DOUBLE: "DOUBLE",
    FeatureType.STRING: "VARCHAR",
    FeatureType.DATE: "BIGINT",
    FeatureType.TIMESTAMP: "BIGINT",
    FeatureType.SET: "VARCHAR",
}
_ROWS_PER_BATCH = 100_000


def features_schema(metadata: Mapping[bytes, bytes]) -> Any:
    """The Arrow schema of features.parquet: subscriber_no and the catalogue's columns in its order."""
    columns = [
        ("subscriber_no", pa.uint32()),
        *((feature.name, _ARROW[feature.type]) for feature in FEATURES),
    ]
    return pa.schema(columns, metadata=dict(metadata))


def features_sql(relations: Mapping[Source, str], record_files: list[str], as_of_day: int) -> str:
    """One SELECT that yields the columns of `features_schema`, ordered by subscriber_no.

    Reads a table `permission(subscriber_no, purposes)`; `record_files` are FROM items of kept records.
    """
    # window_cdr is read by two sources, so every relation is named before any is grouped.
    named = [f"{source.value} AS ({sql})" for source, sql in relations.items()]
    grouped, joins = [], []
    for source in relations:
        definitions = [
            (name, definition) for name, definition in DEFINITIONS.items() if definition.source is source
        ]
        columns = ", ".join(f'{definition.sql} AS "{name}"' for name, definition in definitions)
        group = "" if source is Source.CONTRACT else " GROUP BY subscriber_no"
        grouped.append(
            f"{source.value}_features AS (SELECT subscriber_no, {columns} FROM {source.value}{group})"
        )
        joins.append(f" LEFT JOIN {source.value}_features USING (subscriber_no)")
    seen = " UNION ".join(f"SELECT subscriber_no FROM {file}" for file in record_files)
    columns = ", ".join(_column(feature, DEFINITIONS[feature.name], relations) for feature in FEATURES)
    return (
        f"WITH {', '.join([*named, *grouped, f'seen AS ({seen})'])}"
        f" SELECT subscriber_no, {columns} FROM permission"
        f" SEMI JOIN seen USING (subscriber_no){''.join(joins)}"
        " WHERE purposes <> 0 ORDER BY subscriber_no"
    ).replace("$as_of", str(as_of_day))


def write_features(
    connection: DuckDBPyConnection,
    files: Mapping[RowKind, Sequence[Path]],
    zone: ZoneInfo,
    as_of_day: int,
    oldest_us: int,
    metadata: Mapping[bytes, bytes],
    path: Path,
) -> int:
    """Compute all features from the kept records in `files` and write them to `path`; the number of rows."""
    schema = features_schema({SNAPSHOT_KEY.version: str(FEATURES_VERSION).encode(), **metadata})
    relations = source_relations(files, zone, as_of_day, oldest_us)
    records = [parquet_files(paths) for kind, paths in files.items() if kind is not RowKind.CELL]
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        if records:
            relation = connection.sql(features_sql(relations, records, as_of_day))
            for batch in relation.to_arrow_reader(_ROWS_PER_BATCH):
                table = pa.Table.from_batches([batch]).cast(schema.remove_metadata())
                writer.write_table(table.replace_schema_metadata(schema.metadata))
                rows += batch.num_rows
    return rows


def _column(feature: Feature, definition: Definition, relations: Mapping[Source, str]) -> str:
    need = int(feature.purpose)
    value = "NULL"
    if definition.source in relations:
        value = (
            f'coalesce("{feature.name}", {definition.empty})'
            if definition.empty != "NULL"
            else f'"{feature.name}"'
        )
    type_name = _SQL[feature.type]
    return f'CAST(CASE WHEN purposes & {need} = {need} THEN {value} END AS {type_name}) AS "{feature.name}"'
