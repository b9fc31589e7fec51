"""Contracts: the forms in which the programs of this house hand each other facts through files.

The product writes a permission snapshot, the ingester reads it and writes features, the product reads those.
Neither imports the other; both import this page. A change here is a new version number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntFlag

import msgspec

PERMISSION_SNAPSHOT_VERSION = 2
FEATURES_VERSION = 3
RECORDS_MANIFEST_VERSION = 1
RECORDS_MANIFEST = "records/manifest.json"  # below the out folder of cdr-ingest, beside features.json
TRIGGER_EVENTS_VERSION = 1
TRIGGERS_FOLDER = "triggers"  # below the out folder of cdr-ingest, beside features.json
TRIGGER_EVENTS_GLOB = "events-*.jsonl"
# Beside the events, SQLite: known(subscriber_no, what, value, at_us, purposes), the last value of a person,
# and told(subscriber_no, trigger, key, at_us, purposes), when something was told of them last. A value of
# several has TRIGGER_MEMORY_BETWEEN between them; `purposes` is what remembering it needs.
TRIGGER_MEMORY = "triggers.db"
TRIGGER_MEMORY_BETWEEN = "\x1f"
# Columns of the permission snapshot, a Parquet file with one row per subscriber who is in the vault.
# `lookup`: 16 octets, kernel.pseudonym.lookup_value(key, "msisdn", msisdn); `subscriber_no`: uint32, dense,
# from 1; `purposes`: uint32, bits of DataPurpose; `since_us`: int64, from when the number is this person's,
# microseconds since 1970, where it was somebody else's before; else 0. Key-value metadata: see SnapshotKey.
SNAPSHOT_COLUMNS = ("lookup", "subscriber_no", "purposes", "since_us")
RESPONSES_VERSION = 1
# Columns of the responses, a Parquet file with a row per person and UTC day on which messages of campaigns
# arrived. `subscriber_no`: uint32; `day`: date32; the others int32: how many arrived that day, and how many
# of these were replied to, had their link followed, or were followed by a withdrawal. Key-value metadata:
# SnapshotKey without permission_sequence.
RESPONSES_COLUMNS = ("subscriber_no", "day", "delivered", "replied", "clicked", "opted_out")


class DataPurpose(IntFlag):
    """What a subscriber permits us to learn from; one bit each, names after W3C DPV where one exists."""

    NONE = 0
    SUBSCRIBER_RECORD = 1  # attributes of the contract: plan, language, birth year, device
    CALL_DATA = 2  # traffic data, ePrivacy Directive article 6
    LOCATION = 4  # location data, ePrivacy Directive article 9
    TOP_UP = 8  # recharge and spend records


@dataclass(frozen=True, slots=True)
class SnapshotKey:
    """Metadata keys of the snapshot, and of the responses (octet strings in Parquet's key-value metadata)."""

    version: bytes = b"operator_push.version"
    taken_at: bytes = b"operator_push.taken_at"  # ISO 8601 UTC
    key_id: bytes = b"operator_push.pseudonym_key_id"
    permission_sequence: bytes = b"operator_push.permission_sequence"


SNAPSHOT_KEY = SnapshotKey()


class PurposeFiles(msgspec.Struct, frozen=True):
    """Parquet files of attributes that need the same purposes: a row for each person who permits them.

    `paths` are relative to the folder of the manifest. Columns: `subscriber_no` (int64) and the catalogue's
    names; `purposes` 0 has no other column and a row for everybody of whom anything is known.
    """

    purposes: int
    paths: tuple[str, ...]
    rows: int


class FeaturesManifest(msgspec.Struct, frozen=True):
    """features.json: which files of features count, and by which permissions they were made.

    `taken_at` (ISO 8601 UTC), `key_id` and `permission_sequence` are those of the permission snapshot.
    `features`: the attributes that were chosen, others are in no file; empty where none was left out.
    Replaced as a whole: what it does not name is to be ignored, and is removed soon after.
    """

    version: int
    taken_at: str
    key_id: str
    permission_sequence: int
    as_of: str
    zone: str
    files: tuple[PurposeFiles, ...]
    features: tuple[str, ...] = ()


class RecordFile(msgspec.Struct, frozen=True):
    """A file of records that counts: its path beside the manifest, and the run that last changed it.

    Parquet with a row for each record; of a person where there is a column `subscriber_no`. Columns *_us are
    moments. `day` is YYYY-MM-DD in UTC, empty for kinds without moments.
    """

    path: str
    kind: str
    day: str
    run: int
    rows: int


class RecordsManifest(msgspec.Struct, frozen=True):
    """records/manifest.json: which files of records count. What it does not name is to be ignored."""

    version: int
    files: tuple[RecordFile, ...]


@dataclass(frozen=True, slots=True)
class RecordKind:
    """What a kind of record needs of its person, what some of its columns need beside that, and in words
    where it came from."""

    purpose: DataPurpose
    source: str
    columns: Mapping[str, DataPurpose]


# The kinds of records that are of one person each; others are nobody's (cells) or ours (permission).
RECORD_KINDS: Mapping[str, RecordKind] = {
    "subscriber": RecordKind(DataPurpose.SUBSCRIBER_RECORD, "subscriber record", {}),
    "cdr": RecordKind(
        DataPurpose.CALL_DATA,
        "call record",
        {"cell_id": DataPurpose.LOCATION, "network": DataPurpose.LOCATION},
    ),
    "top_up": RecordKind(DataPurpose.TOP_UP, "top-up", {}),
    "response": RecordKind(DataPurpose.CALL_DATA, "responses to messages", {}),
    "statement": RecordKind(DataPurpose.SUBSCRIBER_RECORD, "what subscriber records said, and when", {}),
}


class TriggerEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of OUT/triggers/events-YYYY-MM-DD.jsonl: something that happened to one person (UTC day of
    `read_us`).

    `trigger` is a name of kernel.trigger_catalogue, `attributes` its attributes without null ones. `at_us`:
    when it happened; `read_us`: when its record was read. `sequence` grows by one with every event of a
    folder and is never used again: whoever reads remembers the last one. Lines that do not end yet are being
    written; a line of a greater version is not ours to read.
    """

    sequence: int
    trigger: str
    subscriber_no: int
    at_us: int
    read_us: int
    attributes: dict[str, bool | int | float | str] = {}
    version: int = TRIGGER_EVENTS_VERSION


def purpose_name(purposes: int) -> str:
    """The name of a set of purposes in paths: call_data-location; people for none."""
    return "-".join(str(each.name).lower() for each in DataPurpose(purposes)) or "people"
