"""Settings of a run."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cdr_ingest.ingest.quarantine import DEFAULT_QUARANTINE, Quarantine
from cdr_ingest.mapping.mapping import FileMapping

DEFAULT_ZONE = "Asia/Kolkata"
DEFAULT_THREADS = 2
DEFAULT_MEMORY_LIMIT = "1GB"
KEEP_REJECTS_DAYS = 30
SNAPSHOT_MISSING_MAX = 0.1  # Ours: more people than this do not leave between two snapshots
CHECKPOINT_OCTETS = 128 * 1024 * 1024  # Ours: what a crash costs at most is about four seconds of reading


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """What to ingest and where to leave it.

    `as_of` is the last local day of the features; None means the newest day among the kept records.
    `zone` is the subscribers' IANA time zone; `memory_limit` is the run's, as `ingest.memory` has it;
    `mappings` come before those of the input folder.
    `checkpoint_octets`: after so much input what was read survives a crash.
    `keep_rejects_days`: how long the octets of rejected records can be replayed.
    `features` are as in --features. `responses`: how people answered messages, a file of kernel.contracts.
    `input` is None where nothing new is read. `keep_records_days`: records of older days (UTC) are erased.
    `region` (ISO 3166) is that of subscriber records' numbers without a country; a snapshot of subscribers in
    which a share above `snapshot_missing_max` is missing ends nobody.
    """

    input: Path | None
    snapshot: Path
    key_file: Path
    out: Path
    as_of: date | None = None
    zone: str = DEFAULT_ZONE
    threads: int = DEFAULT_THREADS
    memory_limit: str = DEFAULT_MEMORY_LIMIT
    checkpoint_octets: int = CHECKPOINT_OCTETS
    mappings: tuple[FileMapping, ...] = ()
    quarantine: Quarantine = DEFAULT_QUARANTINE
    keep_rejects_days: int = KEEP_REJECTS_DAYS
    keep_records_days: int | None = None
    region: str = ""
    snapshot_missing_max: float = SNAPSHOT_MISSING_MAX
    features: tuple[str, ...] = ()
    responses: Path | None = None
