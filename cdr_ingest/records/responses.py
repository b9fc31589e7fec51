"""Responses: how people answered earlier messages, a row per person and UTC day, as the product tells it.

Each file tells it anew and takes the place of the one before; what is kept goes by the permissions of the
run, whatever those were by which the file was written.
"""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from cdr_ingest.records.file_lists import quoted
from operator_push.kernel.contracts import (
    RECORD_KINDS,
    RESPONSES_COLUMNS,
    RESPONSES_VERSION,
    SNAPSHOT_KEY,
)
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.pseudonym import key_id

RESPONSE = "response"
_US = "epoch_us(day)"
_NEED = int(RECORD_KINDS[RESPONSE].purpose)
# A day on which the number changed hands is nobody's.
_PERMITTED = f"coalesce(purposes & {_NEED} = {_NEED} AND {_US} >= since_us AND {_US} < until_us, false)"


@dataclass(frozen=True, slots=True)
class MergedResponses:
    """Rows that are kept, those of people who do not permit it, and those that are too old."""

    rows: int
    not_permitted: int
    expired: int


def check_responses(path: Path, key: bytes) -> None:
    """See that a file is one of responses, of people numbered as those of this pseudonym key are.

    Raises:
        OperatorError: it is not.
    """
    where = str(path)
    try:
        schema = pq.read_schema(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise OperatorError(
            f"the responses cannot be read ({type(error).__name__}); "
            "`operator-push campaign responses --out FILE` writes them",
            file=where,
        ) from None
    metadata = schema.metadata or {}
    version = metadata.get(SNAPSHOT_KEY.version, b"").decode(errors="replace")
    if version != str(RESPONSES_VERSION) or schema.names != [*RESPONSES_COLUMNS]:
        raise OperatorError(
            f"no file of responses of version {RESPONSES_VERSION}; "
            "`operator-push campaign responses --out FILE` writes one",
            file=where,
        )
    made_with = metadata.get(SNAPSHOT_KEY.key_id, b"").decode(errors="replace")
    if made_with != key_id(key):
        raise OperatorError(
            f"the responses are of an installation with pseudonym key {made_with or 'none'}, the key file "
            f"holds {key_id(key)}: they are of other people",
            file=where,
        )


def merge_responses(
    connection: DuckDBPyConnection, source: Path, target: Path, oldest_day: str = ""
) -> MergedResponses:
    """Write of `source` what is permitted, and no days before `oldest_day` (YYYY-MM-DD), to `target`.

    `connection` has the table `permission(subscriber_no, purposes, since_us, until_us)`.
    """
    old = f"day < DATE '{oldest_day}'" if oldest_day else "false"
    rows = f"read_parquet({quoted(source)}, hive_partitioning = false)"
    rows += " LEFT JOIN permission USING (subscriber_no)"
    [(kept, withheld, expired)] = connection.execute(
        # count_if of no rows is null.
        f"SELECT count(*) FILTER ({_PERMITTED} AND NOT ({old})), count(*) FILTER (NOT {_PERMITTED}),"
        f" count(*) FILTER ({_PERMITTED} AND {old}) FROM {rows}"
    ).fetchall()
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"COPY (SELECT {', '.join(RESPONSES_COLUMNS)} FROM {rows} WHERE {_PERMITTED} AND NOT ({old}))"
        f" TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)"
    )
    return MergedResponses(int(kept), int(withheld), int(expired))
