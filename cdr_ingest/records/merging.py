"""Merging: what is kept already and what a run read become one file per kind, without repeats.

An event (CDR, top-up) is a repeat where one with the same identity stands before it: kept earlier, in an
earlier file, or further up. A state (subscriber row) is a repeat where it says the same as the row before it
of that person; the last state is kept. Permission is applied to all rows again, those kept earlier too.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

from cdr_ingest.door.kept_columns import KEPT_COLUMNS, identity_columns
from cdr_ingest.door.row_filter import LINE_BITS
from cdr_ingest.formats.layouts import LAYOUTS, Layout, RowKind
from operator_push.kernel.contracts import DataPurpose


def merge_records(
    connection: DuckDBPyConnection, kind: RowKind, kept: Path | None, read: Sequence[Path], target: Path
) -> Mapping[int, int]:
    """Write `target` from the file `kept` (None at first) and the files `read`; repeats per file number.

    `connection` has the table `permission(subscriber_no, purposes)`.
    """
    layout = LAYOUTS[kind]
    sources = [_kept_sql(layout, kept)] if kept is not None else []
    sources += [f"SELECT * FROM read_parquet({_paths(read)})"] if read else []
    connection.execute(f"CREATE OR REPLACE TEMP VIEW all_rows AS {' UNION ALL BY NAME '.join(sources)}")
    repeats = _repeated_events(layout) if layout.moment is not None else _repeated_states()
    connection.execute(f"CREATE OR REPLACE TEMP TABLE repeated AS {repeats}")
    columns = ", ".join(["subscriber_no", *(name for name, _ in KEPT_COLUMNS[kind])])
    remaining = f"SELECT {columns} FROM all_rows ANTI JOIN repeated USING (position)"
    if layout.moment is None:
        remaining = (
            f"SELECT {columns} FROM all_rows"
            " QUALIFY row_number() OVER (PARTITION BY subscriber_no ORDER BY position DESC) = 1"
        )
    quoted = str(target).replace("'", "''")
    connection.execute(f"COPY ({remaining}) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)")
    counts = connection.execute(
        f"SELECT position >> {LINE_BITS} AS file_no, count(*) FROM repeated GROUP BY file_no"
    ).fetchall()
    connection.execute("DROP VIEW all_rows")
    connection.execute("DROP TABLE repeated")
    return dict(counts)


def _kept_sql(layout: Layout, kept: Path) -> str:
    need, location = int(layout.purpose), int(DataPurpose.LOCATION)
    columns = ", ".join(
        f"CASE WHEN purposes & {location} <> 0 THEN cell_id END AS cell_id" if name == "cell_id" else name
        for name, _ in KEPT_COLUMNS[layout.kind]
    )
    # Position 0: before every row of this run's files, which are numbered from 1.
    return (
        f"SELECT 0::BIGINT AS position, subscriber_no, {columns} FROM read_parquet({_paths([kept])})"
        f" JOIN permission USING (subscriber_no) WHERE purposes & {need} = {need}"
    )


def _repeated_events(layout: Layout) -> str:
    identity = ", ".join(identity_columns(layout))
    return (
        "SELECT position FROM all_rows"
        f" JOIN (SELECT {identity}, min(position) AS first_position FROM all_rows"
        f" GROUP BY {identity} HAVING count(*) > 1) USING ({identity}) WHERE position <> first_position"
    )


def _repeated_states() -> str:
    return (
        "SELECT position FROM all_rows QUALIFY record_key ="
        " lag(record_key) OVER (PARTITION BY subscriber_no ORDER BY position)"
    )


def _paths(paths: Sequence[Path]) -> str:
    return "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths) + "]"
