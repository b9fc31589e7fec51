"""The rows of the ledger as values; columns as in `store.schema`."""

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum


class FileState(Enum):
    """Where a file stands. A run reads what is WAITING, READING, READ or FAILED; the rest stays as it is."""

    WAITING = "waiting"  # seen, not begun
    READING = "reading"  # begun; what is before its last checkpoint is not read again
    READ = "read"  # read to its end, counts with the commit of its run
    DONE = "done"  # counts
    FAILED = "failed"  # could not be read; the next run tries again
    QUARANTINED = "quarantined"  # mostly wrong: nothing of it counts until a person decides
    DROPPED = "dropped"  # a person decided that it shall never be read


@dataclass(frozen=True, slots=True)
class RunRow:
    """A finished run."""

    run_no: int
    started_at_us: int
    finished_at_us: int
    as_of: str
    zone: str
    pseudonym_key_id: str
    permission_sequence: int
    read: int
    accepted: int
    rejected: int
    duplicates: int
    not_permitted: int
    profiles: int
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file of the ledger; before DONE its counts are those of its last checkpoint, without duplicates."""

    content_sha256: str
    file_id: int
    name: str
    kind: str
    octets: int
    state: FileState = FileState.WAITING
    run_no: int | None = None
    changed_at_us: int = 0
    octets_read: int = 0
    blocks_read: int = 0
    read: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0
    not_permitted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    detail: str = ""
    released: bool = False
    node: str = ""
    sequence_number: int | None = None


@dataclass(frozen=True, slots=True)
class PartRow:
    """A checkpoint: rows of one kind that passed the door since the one before; `days` are UTC since 1970."""

    part_no: int
    kind: str
    days: tuple[int, ...]
    reject_octets: int
    sealed_octets: int = 0


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A file of records that counts; `day` is YYYY-MM-DD in UTC, empty for kinds without moments."""

    kind: str
    day: str
    run_no: int
    rows: int


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A sealed file whose rejects can be replayed; `sealed_at_us` is when the oldest of them was rejected."""

    run_no: int
    rejects: int
    sealed_at_us: int
