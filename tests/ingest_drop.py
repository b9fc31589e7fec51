"""A drop folder, a permission snapshot and a run of cdr_ingest, made by hand for tests."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from feature_files import read_features

from cdr_ingest.generate.records import CDR_COLUMNS, TOP_UP_COLUMNS
from cdr_ingest.generate.writing import CELL_COLUMNS, SUBSCRIBER_COLUMNS
from cdr_ingest.ingest.replay import Chosen, replay
from cdr_ingest.ingest.run import ingest
from cdr_ingest.ingest.settings import IngestSettings
from cdr_ingest.progress import ProgressReport, SilentProgress
from operator_push.kernel.contracts import SNAPSHOT_KEY, DataPurpose
from operator_push.kernel.feature_catalogue import DERIVED
from operator_push.kernel.pseudonym import key_id, lookup_value
from operator_push.kernel.research_features import RESEARCH

KEY = bytes(range(32))
NOW = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
EVERY_REJECT = Chosen()
# What runs compute where a test does not say otherwise: planning the rest takes seconds.
USUAL = tuple(each.name for each in DERIVED if each not in RESEARCH)
EVERYTHING = DataPurpose.SUBSCRIBER_RECORD | DataPurpose.CALL_DATA | DataPurpose.LOCATION | DataPurpose.TOP_UP


def write_key(path: Path, key: bytes = KEY) -> Path:
    """A key file."""
    path.write_text(key.hex() + "\n", encoding="ascii")
    return path


def write_snapshot(
    path: Path, people: Mapping[str, tuple[int, DataPurpose]], key: bytes = KEY, **metadata: bytes
) -> Path:
    """A snapshot of msisdn → (subscriber_no, purposes); `metadata` overrides fields of SnapshotKey."""
    values = {
        "version": b"1",
        "taken_at": b"2026-11-01T00:00:00+00:00",
        "key_id": key_id(key).encode(),
        "permission_sequence": b"42",
    } | metadata
    table = pa.table(
        {
            "lookup": pa.array([lookup_value(key, "msisdn", msisdn) for msisdn in people], pa.binary(16)),
            "subscriber_no": pa.array([number for number, _ in people.values()], pa.uint32()),
            "purposes": pa.array([int(purposes) for _, purposes in people.values()], pa.uint32()),
        }
    )
    named = {getattr(SNAPSHOT_KEY, name): value for name, value in values.items()}
    pq.write_table(table.replace_schema_metadata(named), path)
    return path


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[str]) -> Path:
    """A CSV file of raw lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([",".join(columns), *rows]) + "\n", encoding="utf-8", newline="\n")
    return path


def night_talk(numbers: Sequence[str], last_day: date, days: int) -> list[str]:
    """CDR rows of each number: texts, now and then a call, with one of two people, around midnight in India.

    They end with the last day.
    """
    rng, rows = Random(11), []
    midnight = datetime(last_day.year, last_day.month, last_day.day, 18, 30, tzinfo=UTC)
    for number in numbers:
        for back in range(days):
            at = midnight - timedelta(days=back, minutes=60)
            until = midnight if back == 0 else at + timedelta(hours=3)
            while (at := at + timedelta(seconds=rng.choice((0, 1, 600, 1_800, 3_600)))) < until:
                kind = rng.choice(("MO_SMS", "MT_SMS", "MO_SMS", "MT_SMS", "MO_CALL"))
                other, seconds = rng.choice((919845111111, 919845222222)), 60 if kind == "MO_CALL" else ""
                rows.append(f"n{len(rows)},{kind},{number},{other},{at.isoformat()},{seconds},,,")
    return rows


class Drop:
    """A folder with input, key, snapshot and out folder."""

    def __init__(self, root: Path, people: Mapping[str, tuple[int, DataPurpose]]) -> None:
        self.root = root
        self.input = root / "drop"
        self.out = root / "out"
        self.input.mkdir(parents=True, exist_ok=True)
        self.key_file = write_key(root / "key")
        self.snapshot = root / "snapshot.parquet"
        self.permit(people)

    def permit(self, people: Mapping[str, tuple[int, DataPurpose]]) -> None:
        """Write the snapshot anew."""
        write_snapshot(self.snapshot, people)

    def subscribers(self, *rows: str, name: str = "subscribers.csv") -> None:
        """Write subscriber rows."""
        write_rows(self.input / name, SUBSCRIBER_COLUMNS, rows)

    def cells(self, *rows: str) -> None:
        """Write cell rows."""
        write_rows(self.input / "cells.csv", CELL_COLUMNS, rows)

    def cdrs(self, *rows: str, name: str = "a.csv") -> None:
        """Write CDR rows."""
        write_rows(self.input / "cdr" / name, CDR_COLUMNS, rows)

    def top_ups(self, *rows: str, name: str = "a.csv") -> None:
        """Write top-up rows."""
        write_rows(self.input / "topups" / name, TOP_UP_COLUMNS, rows)

    def run(
        self,
        as_of: date | None = None,
        zone: str = "Asia/Kolkata",
        now: datetime = NOW,
        progress: ProgressReport | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Do a run; run.json's content."""
        settings = IngestSettings(
            self.input,
            self.snapshot,
            self.key_file,
            self.out,
            as_of,
            zone,
            1,
            "512MB",
            **{"features": USUAL} | more,
        )
        return ingest(settings, now, lambda: 0.0, progress or SilentProgress())

    def replay(self, chosen: Chosen = EVERY_REJECT, **changed: Any) -> dict[str, Any]:
        """Replay rejects with the input folder's cells and mappings; run.json's content."""
        settings = IngestSettings(
            self.input, self.snapshot, self.key_file, self.out, threads=1, memory_limit="512MB", **changed
        )
        return replay(settings, chosen, NOW, lambda: 0.0, SilentProgress())

    def features(self) -> dict[int, dict[str, Any]]:
        """Features by subscriber number."""
        return read_features(self.out / "features.json")


def counts(report: Mapping[str, Any]) -> tuple[int, int, int, int, int]:
    """(read, accepted, rejected, duplicates, not_permitted) of a report or of one of its files."""
    return (
        report["read"],
        report["accepted"],
        report["rejected"],
        report["duplicates"],
        report["not_permitted"],
    )
