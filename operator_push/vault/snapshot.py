"""The permission snapshot: the file by which the ingester knows whose records it may learn from.

Form and metadata are those of kernel.contracts. It holds keyed look-up values and no number, one row per
person in the vault, also for those who permit nothing: a missing row means "not a subscriber of ours".
"""

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from operator_push.kernel.contracts import (
    PERMISSION_SNAPSHOT_VERSION,
    SNAPSHOT_COLUMNS,
    SNAPSHOT_KEY,
    DataPurpose,
)
from operator_push.kernel.instants import iso
from operator_push.kernel.pseudonym import LOOKUP_OCTETS, key_id, lookup_value

ROW_GROUP_ROWS = 100_000  # Ours: bounds the memory of writer and reader.


class KnowsDataPurposes(Protocol):
    """What is asked of domain.permission.PermissionBook."""

    sequence: int

    def data_purposes(self, subscriber_no: int) -> DataPurpose:
        """What this subscriber permits us to learn from."""
        ...


def write_snapshot(
    path: Path,
    key: bytes,
    people: Iterable[tuple[int, str, int]],
    permission_book: KnowsDataPurposes,
    taken_at_us: int,
) -> int:
    """Write (subscriber_no, msisdn, since_us) as a snapshot and return how many; memory stays flat.

    The file takes its name when it is complete and on disk, so that a reader never sees half of it.
    """
    schema = _schema(key, permission_book.sequence, taken_at_us)
    unfinished = path.with_name(path.name + ".unfinished")
    rows = 0
    remaining = iter(people)
    try:
        with unfinished.open("wb") as file:
            with pq.ParquetWriter(file, schema, compression="zstd") as writer:
                while group := list(islice(remaining, ROW_GROUP_ROWS)):
                    writer.write_batch(_batch(schema, key, group, permission_book))
                    rows += len(group)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return rows


def _schema(key: bytes, permission_sequence: int, taken_at_us: int) -> pa.Schema:
    lookup, subscriber_no, purposes, since_us = SNAPSHOT_COLUMNS
    return pa.schema(
        [
            pa.field(lookup, pa.binary(LOOKUP_OCTETS), nullable=False),
            pa.field(subscriber_no, pa.uint32(), nullable=False),
            pa.field(purposes, pa.uint32(), nullable=False),
            pa.field(since_us, pa.int64(), nullable=False),
        ],
        metadata={
            SNAPSHOT_KEY.version: str(PERMISSION_SNAPSHOT_VERSION).encode(),
            SNAPSHOT_KEY.taken_at: iso(taken_at_us).encode(),
            SNAPSHOT_KEY.key_id: key_id(key).encode(),
            SNAPSHOT_KEY.permission_sequence: str(permission_sequence).encode(),
        },
    )


def _batch(
    schema: pa.Schema, key: bytes, group: list[tuple[int, str, int]], permission_book: KnowsDataPurposes
) -> pa.RecordBatch:
    lookups = [lookup_value(key, "msisdn", msisdn) for _, msisdn, _ in group]
    numbers = [subscriber_no for subscriber_no, _, _ in group]
    purposes = [int(permission_book.data_purposes(subscriber_no)) for subscriber_no in numbers]
    since = [since_us for _, _, since_us in group]
    return pa.record_batch([lookups, numbers, purposes, since], schema=schema)
