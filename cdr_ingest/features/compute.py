"""Compute: from kept records to one row of features per subscriber who permits something.

Stage one sums the days that are new or have changed; stage two merges the days of the windows. Of a person
only what the permission given here opens is written. The file carries the snapshot's metadata, so that a
reader knows how old the permissions behind it are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from cdr_ingest.features.definitions import Source
from cdr_ingest.features.engine import Engine
from cdr_ingest.features.merged import people, profiles, sources
from cdr_ingest.features.partial_files import PartialFiles
from cdr_ingest.features.partials import PARTIALS, Partial, Table, with_local_time
from cdr_ingest.features.record_files import RecordFile, days_of, record_files
from cdr_ingest.formats.layouts import LAYOUTS, RowKind
from operator_push.kernel.contracts import FEATURES_VERSION, SNAPSHOT_KEY
from operator_push.kernel.feature_catalogue import FEATURES, FeatureType
from operator_push.kernel.instants import MICROS_PER_DAY

_ARROW = {
    FeatureType.BOOL: pa.bool_(),
    FeatureType.INT: pa.int64(),
    FeatureType.DOUBLE: pa.float64(),
    FeatureType.STRING: pa.string(),
    FeatureType.DATE: pa.int64(),
    FeatureType.TIMESTAMP: pa.int64(),
    FeatureType.SET: pa.string(),
}
_EVENTS = (RowKind.CDR, RowKind.TOP_UP)
_SOURCES_OF = {
    RowKind.SUBSCRIBER: {Source.CONTRACT},
    RowKind.CDR: {Source.ACTIVITY, Source.CONTACTS, Source.HOME},
    RowKind.TOP_UP: {Source.TOP_UPS},
}


@dataclass(frozen=True, slots=True)
class Computation:
    """What is computed from what.

    `kept`: the files of kept records by kind; `permission` is an Arrow table of subscriber_no and purposes;
    `partials` is the folder of kept partials, `work` one for what only this computation needs; `tag` names
    its files; `last_day` is the last local day of the windows, since 1970.
    """

    kept: Mapping[RowKind, Sequence[Path]]
    permission: Any
    zone: ZoneInfo
    last_day: int
    partials: Path
    work: Path
    tag: str


@dataclass(frozen=True, slots=True)
class Computed:
    """How many profiles there are, and how many local days had to be summed for them."""

    profiles: int
    days_summed: int


def features_schema(metadata: Mapping[bytes, bytes]) -> Any:
    """The Arrow schema of features.parquet: subscriber_no and the catalogue's columns in its order."""
    columns = [
        ("subscriber_no", pa.uint32()),
        *((feature.name, _ARROW[feature.type]) for feature in FEATURES),
    ]
    return pa.schema(columns, metadata=dict(metadata))


def write_features(
    engine: Engine, asked: Computation, metadata: Mapping[bytes, bytes], path: Path
) -> Computed:
    """Bring the partials up to date and write the features to `path`."""
    partials = PartialFiles(asked.partials, asked.zone.key)
    days_summed = sum(_sum_days(engine, asked, partials, kind) for kind in _EVENTS)
    partials.commit()
    schema = features_schema({SNAPSHOT_KEY.version: str(FEATURES_VERSION).encode(), **metadata})
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for table in _profiles(engine, asked, partials):
            for batch in engine.batches(table):
                part = pa.Table.from_batches([batch]).cast(schema.remove_metadata())
                writer.write_table(part.replace_schema_metadata(schema.metadata))
                rows += batch.num_rows
    return Computed(rows, days_summed)


def _sum_days(engine: Engine, asked: Computation, partials: PartialFiles, kind: RowKind) -> int:
    """Stage one for one kind of record; how many days were summed."""
    moment = LAYOUTS[kind].moment or ""
    files = record_files(asked.kept.get(kind, ()), moment)
    wanted = days_of(files, asked.zone)
    stale = partials.stale(kind.value, wanted)
    made: dict[Partial, Path] = {}
    if stale:
        records = _records(engine, asked.zone, moment, files, stale)
        for partial, form in PARTIALS.items():
            if form.kind is kind:
                made[partial] = asked.work / "partials" / partial.value
                engine.write_days(form.make(records), made[partial])
    partials.replace(kind.value, wanted, made, asked.tag)
    return len(stale)


def _records(
    engine: Engine, zone: ZoneInfo, moment: str, files: Sequence[RecordFile], days: Sequence[int]
) -> Table:
    """The records of these local days; of other days' files nothing is read."""
    # A day of slack on both sides covers every offset.
    first_us, last_us = (days[0] - 1) * MICROS_PER_DAY, (days[-1] + 2) * MICROS_PER_DAY
    needed = [file.path for file in files if file.first_us <= last_us and file.last_us >= first_us]
    rows = with_local_time(engine.read(needed), moment, zone, first_us, last_us)
    if len(days) == days[-1] - days[0] + 1:
        return rows.filter(rows.day.between(days[0], days[-1]))
    return rows.filter(rows.day.isin(days))


def _profiles(engine: Engine, asked: Computation, partials: PartialFiles) -> list[Table]:
    """Stage two; empty where there is no record at all."""
    tables = {}
    for partial, form in PARTIALS.items():
        files = partials.files(form.kind.value, partial, asked.last_day)
        if files:
            tables[partial] = engine.read_days(files)
    states = {
        kind: engine.read(asked.kept[kind])
        for kind in (RowKind.SUBSCRIBER, RowKind.CELL)
        if asked.kept.get(kind)
    }
    seen = [engine.read(asked.kept[kind]) for kind in (RowKind.SUBSCRIBER, *_EVENTS) if asked.kept.get(kind)]
    if not seen:
        return []
    permission = asked.work / "permission.parquet"
    whole = pa.schema([("subscriber_no", pa.int64()), ("purposes", pa.int64())])
    pq.write_table(asked.permission.cast(whole), permission)
    known = set().union(*(_SOURCES_OF[kind] for kind in _SOURCES_OF if asked.kept.get(kind)))
    found = sources(tables, states.get(RowKind.SUBSCRIBER), states.get(RowKind.CELL), asked.last_day)
    table = profiles(people(engine.read([permission]), seen), found, known, asked.last_day)
    return [table.order_by("subscriber_no")]
