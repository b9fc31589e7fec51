"""DuckDB: the engine in the box; beyond its memory limit it spills to the folder that it is given.

Files stand behind views that are called the same in every run, so that a run of the same features, zone and
last day asks in the same words as the one before: a program that runs again and again translates them once.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Self

import duckdb
import ibis
import ibis.expr.operations as ops

from cdr_ingest.features.engine import DayBatch
from cdr_ingest.features.partials import Table

_BATCH = "batch_records"
_QUERIES_MAX = 400  # Ours: those of four choices of features; one takes a hundredth of a second and more


class DuckDbEngine:
    """An engine of features in this process."""

    name = "duckdb"
    batch_records = 500_000  # Ours: what fits the caches beats one sum of all, and needs no memory

    def __init__(self, spill: Path, threads: int, memory_limit: str) -> None:
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "threads": str(threads),
                "memory_limit": memory_limit,
                "temp_directory": str(spill),  # rows without numbers
                "preserve_insertion_order": "false",
            },
        )
        self._connection.execute("SET TimeZone = 'UTC'")
        self._connection.execute("SET enable_progress_bar = false")
        self._views = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def read(self, files: Sequence[Path]) -> Table:
        """Parquet files as one table."""
        return self._next_view(files, with_days=False)

    def read_days(self, files: Sequence[Path]) -> Table:
        """Parquet files as `write_days` wrote them."""
        return self._next_view(files, with_days=True)

    def _next_view(self, files: Sequence[Path], with_days: bool) -> Table:
        self._views += 1
        return self._view(f"files_{self._views}", files, with_days)

    def _view(self, name: str, files: Sequence[Path], with_days: bool) -> Table:
        """A table known by its name and columns alone, and the files behind it."""
        quoted = ", ".join(_quoted(file) for file in files)
        self._connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {name} AS"
            f" SELECT * FROM read_parquet([{quoted}], hive_partitioning = {str(with_days).lower()},"
            # Records of an earlier version lack the newest columns; to look for them costs memory.
            f" union_by_name = {str(name == _BATCH).lower()})"
        )
        form = self._connection.sql(f"FROM {name} LIMIT 0").to_arrow_table().schema
        return ibis.table(ibis.Schema.from_pyarrow(form), name=name)

    def named(self, rows: Table) -> Table:
        """The same rows as a view."""
        return self._created("VIEW", rows, _translated(rows.op()))

    def set_aside(self, rows: Table) -> Table:
        """The same rows as a table that may spill."""
        return self._created("TABLE", rows, _typed(rows))

    def _created(self, what: str, rows: Table, query: str) -> Table:
        self._views += 1
        name = f"rows_{self._views}"
        self._connection.execute(f"CREATE TEMP {what} {name} AS {query}")
        return ibis.table(rows.schema(), name=name)

    def write_days(self, make: Callable[[Table], Table], batches: Sequence[DayBatch], folder: Path) -> None:
        """Write what `make` makes of each batch to new Parquet files in `folder`/day=N/."""
        query = ""
        for batch in batches:
            records = self._view(_BATCH, batch.files, with_days=False)
            # The batches differ in nothing but the files behind the view, so that one query does for all.
            query = query or _typed(make(records))
            self._write_batch(query, batch, folder)

    def _write_batch(self, query: str, batch: DayBatch, folder: Path) -> None:
        """The engine takes a condition on what is grouped by down to where the files are read."""
        columns, form, target = "*", "FORMAT parquet, COMPRESSION snappy", folder
        if len(batch.days) == 1:
            target = folder / f"day={batch.days[0]}" / "part-0.parquet"
            target.parent.mkdir(parents=True)
            columns = "* EXCLUDE day"
        else:
            target.mkdir(parents=True, exist_ok=True)
            form += ", PARTITION_BY (day), OVERWRITE_OR_IGNORE"
        days = ", ".join(map(str, batch.days))
        wanted = f"IN ({days})"
        if batch.is_unbroken:
            wanted = f"BETWEEN {batch.days[0]} AND {batch.days[-1]}"
        self._connection.execute(
            f"COPY (SELECT {columns} FROM ({query}) WHERE day {wanted}) TO {_quoted(target)} ({form})"
        )

    def write(self, rows: Table, folder: Path) -> list[Path]:
        """Write rows to a Parquet file in `folder`."""
        folder.mkdir(parents=True)
        file = folder / "part-0.parquet"
        self._connection.execute(
            f"COPY ({_typed(rows)}) TO {_quoted(file)} (FORMAT parquet, COMPRESSION zstd)"
        )
        return [file]


def _typed(rows: Table) -> str:
    """The query with whole numbers of 64 bits: a sum has 128 here, which a file holds as a double."""
    columns = [
        f'CAST("{name}" AS BIGINT) AS "{name}"' if kind.is_integer() else f'"{name}"'
        for name, kind in rows.schema().items()
    ]
    return f"SELECT {', '.join(columns)} FROM ({_translated(rows.op())})"


@lru_cache(_QUERIES_MAX)
def _translated(rows: ops.Node) -> str:
    return str(ibis.to_sql(rows.to_expr(), dialect="duckdb"))


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
