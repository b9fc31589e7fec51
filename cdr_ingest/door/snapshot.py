"""The permission snapshot: who is known and what they permit, read from the file of `kernel.contracts`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from operator_push.kernel.contracts import PERMISSION_SNAPSHOT_VERSION, SNAPSHOT_COLUMNS, SNAPSHOT_KEY
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.pseudonym import KEY_OCTETS_MIN, LOOKUP_OCTETS, key_id

_TYPES = {
    "lookup": pa.binary(LOOKUP_OCTETS),
    "subscriber_no": pa.uint32(),
    "purposes": pa.uint32(),
    "since_us": pa.int64(),
}
_WITHOUT_SINCE = "1"  # the version before


@dataclass(frozen=True, slots=True)
class PermissionSnapshot:
    """`rows` is an Arrow table of lookup (16 octets), subscriber_no and purposes (both uint32), and since_us:
    from when the number is this person's, where it was somebody else's before; else 0."""

    taken_at: datetime
    key_id: str
    permission_sequence: int
    rows: Any


def read_key(path: Path) -> bytes:
    """The pseudonym key of a key file (hexadecimal text).

    Raises:
        OperatorError: the file is missing, not hexadecimal, or holds fewer than 32 octets.
    """
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(
            f"the pseudonym key cannot be read ({type(error).__name__})", file=str(path)
        ) from None
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise OperatorError(
            "the pseudonym key must be hexadecimal text on one line", file=str(path)
        ) from None
    if len(key) < KEY_OCTETS_MIN:
        raise OperatorError(
            f"the pseudonym key has {len(key)} octets, at least {KEY_OCTETS_MIN} are needed", file=str(path)
        )
    return key


def read_snapshot(path: Path, key: bytes) -> PermissionSnapshot:
    """The snapshot in `path`, checked to be made with `key`.

    Raises:
        OperatorError: not a snapshot, of another version, or made with another key.
    """
    where = str(path)
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise OperatorError(
            f"the permission snapshot cannot be read ({type(error).__name__}); "
            "`operator-push permission snapshot --out FILE` writes one",
            file=where,
        ) from None
    metadata = table.schema.metadata or {}
    version = metadata.get(SNAPSHOT_KEY.version, b"").decode(errors="replace")
    if version not in (str(PERMISSION_SNAPSHOT_VERSION), _WITHOUT_SINCE):
        raise OperatorError(
            f"version {version or 'none'} where a permission snapshot of version "
            f"{PERMISSION_SNAPSHOT_VERSION} is expected",
            file=where,
        )
    if version == _WITHOUT_SINCE:
        table = table.append_column(SNAPSHOT_COLUMNS[3], pa.array([0] * table.num_rows, pa.int64()))
    missing = [name for name in SNAPSHOT_COLUMNS if name not in table.column_names]
    if missing:
        raise OperatorError(f"the permission snapshot has no column {', '.join(missing)}", file=where)
    made_with = metadata.get(SNAPSHOT_KEY.key_id, b"").decode(errors="replace")
    if made_with != key_id(key):
        raise OperatorError(
            f"the snapshot was made with pseudonym key {made_with or 'none'}, the key file holds "
            f"{key_id(key)}; "
            "with another key nobody would be found",
            file=where,
        )
    schema = pa.schema([(name, _TYPES[name]) for name in SNAPSHOT_COLUMNS])
    try:
        rows = table.select(list(SNAPSHOT_COLUMNS)).replace_schema_metadata(None).cast(schema)
        taken_at = datetime.fromisoformat(metadata[SNAPSHOT_KEY.taken_at].decode()).astimezone(UTC)
        sequence = int(metadata[SNAPSHOT_KEY.permission_sequence])
    except (KeyError, ValueError) as error:  # pa.ArrowInvalid is a ValueError
        raise OperatorError(
            f"the permission snapshot is damaged ({type(error).__name__}); write it anew", file=where
        ) from None
    lookup = rows.column("lookup")
    if (
        any(column.null_count for column in rows.columns)
        or pc.count_distinct(lookup).as_py() != rows.num_rows
    ):
        raise OperatorError(
            "the permission snapshot names a person twice or not at all; write it anew", file=where
        )
    return PermissionSnapshot(taken_at, made_with, sequence, rows)
