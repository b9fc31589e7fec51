"""Merging: what is kept of a day and what a run read of it become one file, without repeats.

An event (CDR, top-up) is a repeat where one with the same identity stands before it: kept earlier, in an
earlier file, or further up. The moment is part of the identity, so that repeats lie in one day and a day is
all that a late record touches. Permission is applied to what was kept or staged earlier, too. Subscriber rows
are no events: `statements` merges them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from cdr_ingest.door.kept_columns import KEPT_COLUMNS, identity_columns
from cdr_ingest.door.row_filter import LINE_BITS
from cdr_ingest.formats.layouts import LAYOUTS, Layout, RowKind
from cdr_ingest.records.file_lists import file_list, quoted
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.instants import MICROS_PER_DAY

PLACE_COLUMNS = ("cell_id", "network")  # what tells where somebody was
_LATER = {"network": "VARCHAR", "balance_micros": "BIGINT"}  # columns that files of before may lack


@dataclass(frozen=True, slots=True)
class MergeSources:
    """`kept` is the file that counts now (None: there is none), `read` what was staged since.

    `day` is the UTC day to merge, as days since 1970. `stale`: some of `read` passed the door under earlier
    permissions, or numbers changed hands since.
    """

    kind: RowKind
    kept: Path | None
    read: Sequence[Path]
    day: int | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """`rows` were written; of the rows read so many per file_id repeat others, or are permitted no more."""

    rows: int
    repeats: dict[int, int] = field(default_factory=dict)
    withdrawn: dict[int, int] = field(default_factory=dict)


def merge_records(connection: DuckDBPyConnection, sources: MergeSources, target: Path) -> Merged:
    """Write `target`; a day of which nothing remains gets no file.

    `connection` has the tables `permission(subscriber_no, purposes, since_us, until_us)` and
    `good_file(file_id)`: rows of other files are passed over.
    """
    layout = LAYOUTS[sources.kind]
    parts = []
    if sources.kept is not None:
        parts.append(_kept_sql(layout, sources.kept, sources.day))
    if sources.read:
        parts.append(_read_sql(layout, sources, permitted=True))
    connection.execute(f"CREATE OR REPLACE TEMP VIEW all_rows AS {' UNION ALL BY NAME '.join(parts)}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE repeated AS {_repeated_events(layout)}")
    columns = ", ".join(["subscriber_no", *(name for name, _ in KEPT_COLUMNS[layout.kind])])
    remaining = f"SELECT {columns} FROM all_rows ANTI JOIN repeated USING (position)"
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = connection.execute(
        f"COPY ({remaining}) TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
    ).fetchall()[0][0]
    found = _per_file(connection, "repeated")
    withdrawn: dict[int, int] = {}
    if sources.read and sources.stale:
        withdrawn = _per_file(connection, f"({_read_sql(layout, sources, permitted=False)})")
    connection.execute("DROP VIEW all_rows")
    connection.execute("DROP TABLE repeated")
    if not rows:
        target.unlink()
    return Merged(rows, found, withdrawn)


def days_of(connection: DuckDBPyConnection, kind: RowKind, path: Path) -> list[int]:
    """The UTC days, since 1970, of which a file of kept records holds some."""
    moment = LAYOUTS[kind].moment
    found = connection.execute(
        f"SELECT DISTINCT {moment} // {MICROS_PER_DAY} FROM read_parquet({quoted(path)}) ORDER BY ALL"
    ).fetchall()
    return [day for (day,) in found]


def files_with_withdrawn(connection: DuckDBPyConnection, kind: RowKind, paths: Sequence[Path]) -> set[Path]:
    """Those kept files that hold something which the table `withdrawn(subscriber_no, lost)` names."""
    if not paths:
        return set()
    need, location = int(LAYOUTS[kind].purpose), int(DataPurpose.LOCATION)
    rows = f"read_parquet({file_list(paths)}, filename = true, union_by_name = true)"
    there = connection.sql(f"SELECT * FROM {rows} LIMIT 0").columns
    told = " OR ".join(f"{name} IS NOT NULL" for name in PLACE_COLUMNS if name in there)
    place = f" OR (lost & {location} <> 0 AND ({told}))" if told else ""
    found = connection.execute(
        f"SELECT DISTINCT filename FROM {rows}"
        f" JOIN withdrawn USING (subscriber_no) WHERE lost & {need} <> 0{place}"
    ).fetchall()
    return {Path(name) for (name,) in found}


def _per_file(connection: DuckDBPyConnection, relation: str) -> dict[int, int]:
    counts = connection.execute(
        f"SELECT position >> {LINE_BITS} AS file_id, count(*) FROM {relation}"
        " WHERE position > 0 GROUP BY file_id"
    ).fetchall()
    return dict(counts)


def _kept_sql(layout: Layout, kept: Path, day: int | None) -> str:
    # Position 0: before every row of this run's files, which are numbered from 1.
    return (
        f"SELECT 0::BIGINT AS position, subscriber_no, {_permitted_columns(layout, kept)}"
        f" FROM read_parquet({quoted(kept)}, hive_partitioning = false)"
        f" JOIN permission USING (subscriber_no) WHERE {_permits(layout)}{_in_day(layout, day)}"
    )


def _read_sql(layout: Layout, sources: MergeSources, permitted: bool) -> str:
    """The staged rows of good files; `permitted` False selects those that are permitted no more."""
    rows = (
        f" FROM read_parquet({file_list(sources.read)})"
        f" SEMI JOIN good_file ON good_file.file_id = position >> {LINE_BITS}"
    )
    if not sources.stale:
        columns = ", ".join(name for name, _ in KEPT_COLUMNS[layout.kind])
        return f"SELECT position, subscriber_no, {columns}{rows} WHERE true{_in_day(layout, sources.day)}"
    wanted = _permits(layout) if permitted else f"NOT coalesce({_permits(layout)}, false)"
    return (
        f"SELECT position, subscriber_no, {_permitted_columns(layout, sources.read[0])}{rows}"
        f" LEFT JOIN permission USING (subscriber_no) WHERE {wanted}{_in_day(layout, sources.day)}"
    )


def _permits(layout: Layout) -> str:
    """What is permitted, of the time in which the number was this person's."""
    need = int(layout.purpose)
    return f"purposes & {need} = {need} AND {layout.moment} >= since_us AND {layout.moment} < until_us"


def _permitted_columns(layout: Layout, file: Path) -> str:
    """The columns of a file; one that was written by an earlier version may lack the newest."""
    location = int(DataPurpose.LOCATION)
    permitted = {
        name: f"CASE WHEN purposes & {location} <> 0 THEN {name} END AS {name}" for name in PLACE_COLUMNS
    }
    there = set(pq.read_schema(file).names)
    return ", ".join(
        permitted.get(name, name) if name in there else f"NULL::{_LATER.get(name, 'INTEGER')} AS {name}"
        for name, _ in KEPT_COLUMNS[layout.kind]
    )


def _in_day(layout: Layout, day: int | None) -> str:
    if day is None:
        return ""
    first_us = day * MICROS_PER_DAY
    return f" AND {layout.moment} BETWEEN {first_us} AND {first_us + MICROS_PER_DAY - 1}"


def _repeated_events(layout: Layout) -> str:
    identity = ", ".join(identity_columns(layout))
    # Few keys stand twice: what is grouped by all columns, and looked for again, are their rows alone.
    return (
        "WITH twice AS (SELECT record_key FROM all_rows GROUP BY record_key HAVING count(*) > 1),"
        f" suspect AS (SELECT position, {identity} FROM all_rows SEMI JOIN twice USING (record_key))"
        " SELECT position FROM suspect"
        f" QUALIFY rank() OVER (PARTITION BY {identity} ORDER BY position) > 1"
    )
