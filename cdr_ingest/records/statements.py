"""Statements: what subscriber records said of a person, and when; contracts are made of them.

A statement is a whole row (it names every attribute), a delta (it names what has changed), or `missing`: a
snapshot that names everybody did not name this person. The same said again is a repeat, and only moves
`seen_us`, the last moment at which it was said, so that what comes late still finds its place in between.
Who got somebody else's number has statements of their own: what is dated after the hand-over is dropped.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from cdr_ingest.door.kept_columns import KEPT_COLUMNS
from cdr_ingest.door.row_filter import LINE_BITS
from cdr_ingest.formats.contract_layout import DELTA, ENDINGS, OWNER_CHANGES, SNAPSHOT, WHOLE
from cdr_ingest.formats.layouts import LAYOUTS, RowKind
from cdr_ingest.records.file_lists import file_list, quoted

STATEMENT = "statement"
"""The kind of the files of statements, beside those of contracts."""
MISSING, NOTED = "missing", "noted"
HANDED_OVER = tuple(word for word in OWNER_CHANGES if word in ("recycled", "new_owner"))
ATTRIBUTES = tuple(
    name
    for name, _ in KEPT_COLUMNS[RowKind.SUBSCRIBER]
    if name not in ("record_key", "form", "at_us", "snapshot_at_us", "status")
)
ORDER = "PARTITION BY subscriber_no ORDER BY at_us, position, seq"
"""How a person's statements follow each other: of those of one moment the one that came last is the last."""
_COLUMNS = ("record_key", "form", "at_us", *ATTRIBUTES, "status")
_NEED = int(LAYOUTS[RowKind.SUBSCRIBER].purpose)
_WHOLE = f"('{WHOLE}', '{SNAPSHOT}')"


@dataclass(frozen=True, slots=True)
class StatementSources:
    """`kept` is the file of statements that counts now; `legacy` one of contracts of the time before there
    were statements; `read` was staged since, `stale` where some of it came under earlier permissions.

    A snapshot in which a share above `missing_max` (0..1) of the known people is missing ends nobody.
    """

    kept: Path | None
    legacy: Path | None
    read: Sequence[Path]
    stale: bool
    missing_max: float


@dataclass(frozen=True, slots=True)
class Stated:
    """`repeats` and `dropped` are counts by file_id; `snapshots` tells of each snapshot whom it did not name;
    `changes` are (subscriber_no, change, at_us) of numbers that changed hands, as this run read it."""

    rows: int
    repeats: dict[int, int]
    dropped: dict[int, int]
    snapshots: list[dict[str, Any]] = field(default_factory=list)
    changes: list[tuple[int, str, int]] = field(default_factory=list)


def merge_statements(connection: DuckDBPyConnection, sources: StatementSources, target: Path) -> Stated:
    """Write `target`, and leave its rows as the table `statement`.

    `connection` has the tables `permission(subscriber_no, purposes, since_us)` and `good_file(file_id)`.
    """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE said AS {_said(sources)}")
    dropped = _drop_what_is_not_theirs(connection, sources)
    snapshots = _who_is_missing(connection, sources)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE told AS {_TOLD}")
    repeats = _per_file(connection, "SELECT position FROM told WHERE repeats")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE statement AS {_STATEMENTS}")
    changes = _owner_changes(connection, sources)
    target.parent.mkdir(parents=True, exist_ok=True)
    columns = ", ".join(("subscriber_no", "seq", "seen_us", *_COLUMNS))
    [(rows,)] = connection.execute(
        f"COPY (SELECT {columns} FROM statement) TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
    ).fetchall()
    connection.execute("DROP TABLE said")
    connection.execute("DROP TABLE told")
    return Stated(rows, repeats, dropped, snapshots, changes)


def _said(sources: StatementSources) -> str:
    """Everything that was ever said, of people who permit it; what was kept stands at position 0."""
    columns = ", ".join(_COLUMNS)
    permits = f"purposes & {_NEED} = {_NEED}"
    parts = [f"SELECT 0::BIGINT AS position, 0::BIGINT AS seq, 0::UINTEGER AS subscriber_no, 0::BIGINT AS"
             f" seen_us, {_nothing()} WHERE false"]  # fmt: skip
    if sources.kept is not None:
        kept = (
            f"FROM read_parquet({quoted(sources.kept)}) JOIN permission USING (subscriber_no) WHERE {permits}"
        )
        parts.append(f"SELECT 0::BIGINT AS position, seq, subscriber_no, seen_us, {columns} {kept}")
        # What was said from at_us to seen_us stands at both ends, so that something may lie between.
        again = ", ".join("seen_us AS at_us" if name == "at_us" else name for name in _COLUMNS)
        parts.append(
            f"SELECT 0::BIGINT AS position, seq, subscriber_no, seen_us, {again} {kept} AND seen_us > at_us"
        )
    elif sources.legacy is not None:
        parts.append(
            "SELECT 0::BIGINT AS position, 0::BIGINT AS seq, subscriber_no, 0::BIGINT AS seen_us, record_key,"
            f" '{WHOLE}' AS form, 0::BIGINT AS at_us, activated_on, birth_year, language, plan, prepaid,"
            f" device_os FROM read_parquet({quoted(sources.legacy)}) JOIN permission USING (subscriber_no)"
            f" WHERE {permits}"
        )
    if sources.read:
        asked = f" SEMI JOIN (SELECT * FROM permission WHERE {permits}) USING (subscriber_no)"
        parts.append(
            f"SELECT position, 0::BIGINT AS seq, subscriber_no, at_us AS seen_us, {columns}"
            f"{_staged(sources)}{asked if sources.stale else ''} WHERE form <> '{NOTED}'"
        )
    return " UNION ALL BY NAME ".join(parts)


def _nothing() -> str:
    kinds = {"activated_on": "DATE", "plan_ends_on": "DATE", "birth_year": "INTEGER", "prepaid": "BOOLEAN"}
    kinds |= {"record_key": "UBIGINT", "at_us": "BIGINT", "account_key": "UBIGINT", "customer_key": "UBIGINT"}
    return ", ".join(f"NULL::{kinds.get(name, 'VARCHAR')} AS {name}" for name in _COLUMNS)


def _staged(sources: StatementSources) -> str:
    return (
        f" FROM read_parquet({file_list(sources.read)})"
        f" SEMI JOIN good_file ON good_file.file_id = position >> {LINE_BITS}"
    )


def _drop_what_is_not_theirs(connection: DuckDBPyConnection, sources: StatementSources) -> dict[int, int]:
    """Drop what is said of a number before it was this person's, and after it was somebody else's."""
    # A number's later rows go on telling that it once was handed over, to the one who has it since.
    connection.execute(
        "UPDATE said SET status = NULL FROM permission WHERE said.subscriber_no = permission.subscriber_no"
        f" AND status IN {HANDED_OVER} AND at_us <= since_us"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE not_theirs AS SELECT position, said.subscriber_no, at_us FROM said"
        " JOIN permission USING (subscriber_no) LEFT JOIN"
        " (SELECT subscriber_no, min(at_us) AS gone_us FROM said"
        f" WHERE status IN {HANDED_OVER} GROUP BY subscriber_no) USING (subscriber_no)"
        " WHERE at_us > gone_us OR (at_us < since_us AND at_us > 0)"
    )
    connection.execute(
        "DELETE FROM said USING not_theirs WHERE said.subscriber_no = not_theirs.subscriber_no"
        " AND said.at_us = not_theirs.at_us"
    )
    dropped = _per_file(connection, "SELECT position FROM not_theirs")
    connection.execute("DROP TABLE not_theirs")
    if sources.read and sources.stale:
        asked = f"(SELECT * FROM permission WHERE purposes & {_NEED} = {_NEED}) USING (subscriber_no)"
        lost = f"SELECT position{_staged(sources)} ANTI JOIN {asked} WHERE form <> '{NOTED}'"
        for file_id, count in _per_file(connection, lost).items():
            dropped[file_id] = dropped.get(file_id, 0) + count
    return dropped


def _who_is_missing(connection: DuckDBPyConnection, sources: StatementSources) -> list[dict[str, Any]]:
    """Say `missing` of who is known and whom a snapshot does not name, snapshot after snapshot."""
    if not sources.read:
        return []
    snapshots = connection.execute(
        f"SELECT DISTINCT snapshot_at_us{_staged(sources)} WHERE snapshot_at_us IS NOT NULL ORDER BY ALL"
    ).fetchall()
    found = []
    for (at_us,) in snapshots:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE known AS SELECT subscriber_no,"
            f" last(form = '{MISSING}' OR coalesce(status IN {ENDINGS}, false) ORDER BY at_us, position, seq)"
            f" AS ended FROM said WHERE at_us < ? AND (form <> '{DELTA}' OR status <> 'sim_swapped')"
            " GROUP BY subscriber_no",
            [at_us],
        )
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE absent AS SELECT subscriber_no FROM known ANTI JOIN"
            f" (SELECT subscriber_no{_staged(sources)} WHERE snapshot_at_us = ?) USING (subscriber_no)"
            " WHERE NOT ended",
            [at_us],
        )
        [(people, absent)] = connection.execute(
            "SELECT (SELECT count(*) FROM known WHERE NOT ended), (SELECT count(*) FROM absent)"
        ).fetchall()
        believed = absent <= people * sources.missing_max
        if believed:
            connection.execute(
                "INSERT INTO said BY NAME SELECT 0::BIGINT AS position, 0::BIGINT AS seq, subscriber_no,"
                f" ?::BIGINT AS seen_us, 0::UBIGINT AS record_key, '{MISSING}' AS form, ?::BIGINT AS at_us"
                " FROM absent",
                [at_us, at_us],
            )
        found.append({"at_us": at_us, "known": people, "missing": absent, "ended": absent if believed else 0})
    return found


# `repeats`: it says what the statement before it said.
_TOLD = (
    "SELECT *, coalesce(CASE"
    f" WHEN form = '{DELTA}' THEN former_form = '{DELTA}' AND former_key = record_key AND former_us = at_us"
    f" WHEN form IN {_WHOLE} THEN former_form IN {_WHOLE} AND former_key = record_key"
    " ELSE former_form = form END, false) AS repeats"
    " FROM (SELECT *, lag(form) OVER w AS former_form, lag(record_key) OVER w AS former_key,"
    f" lag(at_us) OVER w AS former_us FROM said WINDOW w AS ({ORDER}))"
)
# A statement and its repeats are one, seen until the last of them.
_STATEMENTS = (
    "SELECT * REPLACE (until_us AS seen_us, row_number() OVER"
    " (PARTITION BY subscriber_no, at_us ORDER BY position, seq) AS seq, 0::BIGINT AS position) FROM"
    " (SELECT *, max(seen_us) OVER (PARTITION BY subscriber_no, run) AS until_us FROM"
    f" (SELECT *, count_if(NOT repeats) OVER ({ORDER}) AS run FROM told)) WHERE NOT repeats"
)


def _owner_changes(connection: DuckDBPyConnection, sources: StatementSources) -> list[tuple[int, str, int]]:
    if not sources.read:
        return []
    return connection.execute(
        f"SELECT DISTINCT subscriber_no, status, at_us{_staged(sources)}"
        f" JOIN permission USING (subscriber_no) WHERE status IN {OWNER_CHANGES} AND at_us > since_us"
        " ORDER BY at_us, subscriber_no"
    ).fetchall()


def _per_file(connection: DuckDBPyConnection, positions: str) -> dict[int, int]:
    counts: Mapping[int, int] = dict(
        connection.execute(
            f"SELECT position >> {LINE_BITS} AS file_id, count(*) FROM ({positions})"
            " WHERE position > 0 GROUP BY file_id"
        ).fetchall()
    )
    return dict(counts)
