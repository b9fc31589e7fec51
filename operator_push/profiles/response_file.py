"""The response file: how people answered messages, as the ingester takes it; form and metadata are those of
kernel.contracts."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from operator_push.kernel.contracts import RESPONSES_COLUMNS, RESPONSES_VERSION, SNAPSHOT_KEY
from operator_push.kernel.instants import iso
from operator_push.kernel.pseudonym import key_id

_NUMBER, _DAY, *_COUNTS = RESPONSES_COLUMNS
_TYPES = [(_NUMBER, pa.uint32()), (_DAY, pa.date32()), *((name, pa.int32()) for name in _COUNTS)]


def write_responses(path: Path, key: bytes, parts: Iterable[Sequence[tuple[int, ...]]], at_us: int) -> int:
    """Write rows of RESPONSES_COLUMNS (`day` since 1970), part by part, and return how many.

    The file takes its name when it is complete and on disk, so that a reader never sees half of it.
    """
    schema = pa.schema(
        [pa.field(name, kind, nullable=False) for name, kind in _TYPES],
        metadata={
            SNAPSHOT_KEY.version: str(RESPONSES_VERSION).encode(),
            SNAPSHOT_KEY.taken_at: iso(at_us).encode(),
            SNAPSHOT_KEY.key_id: key_id(key).encode(),
        },
    )
    unfinished = path.with_name(path.name + ".unfinished")
    rows = 0
    try:
        with unfinished.open("wb") as file:
            with pq.ParquetWriter(file, schema, compression="zstd") as writer:
                for part in parts:
                    columns = zip(*part, strict=True) if part else [()] * len(schema)
                    writer.write_batch(pa.record_batch([*map(list, columns)], schema=schema))
                    rows += len(part)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return rows
