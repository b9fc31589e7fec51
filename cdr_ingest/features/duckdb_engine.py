"""DuckDB: the engine in the box; beyond its memory limit it spills to the folder that it is given."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import duckdb
import ibis

from cdr_ingest.features.engine import DayBatch
from cdr_ingest.features.partials import Table

_BATCH = "batch_records"


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
        self._ibis = ibis.duckdb.from_connection(self._connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def read(self, files: Sequence[Path]) -> Table:
        """Parquet files as one table."""
        return self._ibis.read_parquet([str(file) for file in files], hive_partitioning=False)

    def read_days(self, files: Sequence[Path]) -> Table:
        """Parquet files as `write_days` wrote them."""
        return self._ibis.read_parquet([str(file) for file in files], hive_partitioning=True)

    def write_days(self, make: Callable[[Table], Table], batches: Sequence[DayBatch], folder: Path) -> None:
        """Write what `make` makes of each batch to new Parquet files in `folder`/day=N/."""
        query = ""
        for batch in batches:
            files = ", ".join(_quoted(file) for file in batch.files)
            self._connection.execute(
                f"CREATE OR REPLACE TEMP VIEW {_BATCH} AS"
                f" SELECT * FROM read_parquet([{files}], hive_partitioning = false)"
            )
            # The batches differ in nothing but the files behind the view, so that one query does for all.
            query = query or self._typed(make(self._ibis.table(_BATCH)))
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
            f"COPY ({self._typed(rows)}) TO {_quoted(file)} (FORMAT parquet, COMPRESSION zstd)"
        )
        return [file]

    def _typed(self, rows: Table) -> str:
        """The query with whole numbers of 64 bits: a sum has 128 here, which a file holds as a double."""
        columns = [
            f'CAST("{name}" AS BIGINT) AS "{name}"' if kind.is_integer() else f'"{name}"'
            for name, kind in rows.schema().items()
        ]
        return f"SELECT {', '.join(columns)} FROM ({self._ibis.compile(rows)})"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
