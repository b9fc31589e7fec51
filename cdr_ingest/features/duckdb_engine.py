"""DuckDB: the engine in the box; beyond its memory limit it spills to the folder that it is given."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import duckdb
import ibis

from cdr_ingest.features.partials import Table


class DuckDbEngine:
    """An engine of features in this process."""

    name = "duckdb"

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

    def write_days(self, rows: Table, folder: Path) -> None:
        """Write rows to new Parquet files in `folder`/day=N/."""
        folder.mkdir(parents=True)
        target = str(folder).replace("'", "''")
        self._connection.execute(
            f"COPY ({self._typed(rows)}) TO '{target}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (day))"
        )

    def write(self, rows: Table, folder: Path) -> list[Path]:
        """Write rows to a Parquet file in `folder`."""
        folder.mkdir(parents=True)
        file = folder / "part-0.parquet"
        target = str(file).replace("'", "''")
        self._connection.execute(
            f"COPY ({self._typed(rows)}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
        )
        return [file]

    def _typed(self, rows: Table) -> str:
        """The query with whole numbers of 64 bits: a sum has 128 here, which a file holds as a double."""
        columns = [
            f'CAST("{name}" AS BIGINT) AS "{name}"' if kind.is_integer() else f'"{name}"'
            for name, kind in rows.schema().items()
        ]
        return f"SELECT {', '.join(columns)} FROM ({self._ibis.compile(rows)})"
