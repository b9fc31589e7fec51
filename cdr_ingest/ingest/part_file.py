"""Part file: the rows between two checkpoints as they come, so that few of them wait in memory.

A row group holds rows of one UTC day, so that who asks for a day passes over the others.
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from operator_push.kernel.instants import MICROS_PER_DAY

ROWS_AT_ONCE = 200_000  # Ours: about 15 MB, and row groups that are worth their footer


class PartFile:
    """A Parquet file that is being written; `moment` is the column by which its rows have a day, if any.

    It counts once `close` has returned the days.
    """

    def __init__(self, path: Path, moment: str | None) -> None:
        self._path = path
        self._moment = moment
        self._waiting: list[Any] = []
        self._waiting_rows = 0
        self._writer: pq.ParquetWriter | None = None
        self._days: set[int] = set()
        self.rows = 0

    def add(self, rows: Any) -> None:
        """Rows of the schema of those before them; most of them are written at once."""
        self._waiting.append(rows)
        self._waiting_rows += rows.num_rows
        self.rows += rows.num_rows
        if self._waiting_rows >= ROWS_AT_ONCE:
            self._write()

    def close(self) -> tuple[int, ...]:
        """Write what waits; the UTC days in the file, since 1970. It is not yet durable."""
        if self._waiting:
            self._write()
        self.abandon()
        return tuple(sorted(self._days))

    def abandon(self) -> None:
        """Let go of the file, whose content is of no use."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _write(self) -> None:
        rows = pa.concat_tables(self._waiting)
        self._waiting, self._waiting_rows = [], 0
        words = [each.name for each in rows.schema if pa.types.is_string(each.type)]
        for name in words:  # numbers are put in order at a third of what words cost
            rows = rows.set_column(rows.schema.get_field_index(name), name, rows[name].dictionary_encode())
        rows = rows.combine_chunks()
        if self._writer is None:
            # It is read once, and soon: packing would cost more than it saves.
            self._writer = pq.ParquetWriter(self._path, rows.schema, compression="none", use_dictionary=words)
        if self._moment is None:
            self._writer.write_table(rows)
            return
        # Moments lie after 1970, so that division rounds as the calendar does.
        days = pc.divide(rows.column(self._moment), MICROS_PER_DAY)
        counted = sorted((c["values"], c["counts"]) for c in pc.value_counts(days).to_pylist())
        if len(counted) > 1:
            rows = rows.take(pc.sort_indices(days))
        at = 0
        for day, count in counted:
            self._writer.write_table(rows.slice(at, count), row_group_size=count)
            self._days.add(day)
            at += count
