"""A day that arrives late is summed alone, and what comes out is what summing everything would give."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from feature_files import read_features

from cdr_ingest.door.snapshot import PermissionSnapshot
from cdr_ingest.features.compute import Computation, Computed, publish_features, write_features
from cdr_ingest.features.duckdb_engine import DuckDbEngine
from cdr_ingest.features.needs import needs_of
from cdr_ingest.formats.layouts import RowKind
from operator_push.kernel.instants import MICROS_PER_DAY

LAST_DAY = 20_757
NAMES = ("calls_30d", "contacts_30d", "active_days_30d")
CDR = pa.schema(
    [
        ("subscriber_no", pa.uint32()),
        ("kind", pa.string()),
        ("started_at_us", pa.int64()),
        ("duration_s", pa.int32()),
        ("octets", pa.int64()),
        ("contact", pa.uint64()),
        ("cell_id", pa.string()),
    ]
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDbEngine]:
    with DuckDbEngine(tmp_path / "spill", 1, "256MB") as engine:
        yield engine


class Kept:
    """Records that are kept by UTC day, a file each."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[int, Path] = {}

    def write(self, day: int, rows: Sequence[tuple[int, int]]) -> None:
        """Calls of (subscriber_no, hour UTC)."""
        path = self.root / f"cdr-{day}-{len(rows)}.parquet"
        at = [day * MICROS_PER_DAY + hour * 3_600_000_000 for _, hour in rows]
        table = pa.table(
            [
                [number for number, _ in rows],
                ["MO_CALL"] * len(rows),
                at,
                [60] * len(rows),
                [0] * len(rows),
                [number * 10 + hour for number, hour in rows],
                [None] * len(rows),
            ],
            schema=CDR,
        )
        pq.write_table(table, path)
        self.files[day] = path

    def compute(self, engine: DuckDbEngine, out: str, zone: str = "UTC") -> tuple[Computed, dict[int, Any]]:
        """What was done, and calls_30d, contacts_30d and active_days_30d by person."""
        folder = self.root / out
        work = folder / f"work-{len(list(folder.glob('work-*')))}"
        work.mkdir(parents=True)
        people = pa.table({"subscriber_no": [1, 2, 3], "purposes": [15, 15, 15]})
        permission = PermissionSnapshot(datetime(2026, 11, 1, tzinfo=UTC), "0123abcd", 42, people)
        asked = Computation(
            {RowKind.CDR: list(self.files.values())}, permission, ZoneInfo(zone), LAST_DAY, folder, work,
            work.name, needs_of([*NAMES, "active_days_90d", "contacts_90d"]),
        )  # fmt: skip
        computed = write_features(engine, asked)
        publish_features(folder, computed.manifest)
        return computed, {
            number: tuple(features[name] for name in NAMES)
            for number, features in read_features(folder / "features.json").items()
        }


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    kept = Kept(tmp_path)
    kept.write(LAST_DAY, [(1, 1), (1, 2)])
    kept.write(LAST_DAY - 1, [(1, 1), (2, 23)])
    kept.write(LAST_DAY - 29, [(2, 1)])
    kept.write(LAST_DAY - 30, [(2, 2), (3, 5)])  # before the window
    return kept


def partial_files(kept: Kept) -> set[Path]:
    return set((kept.root / "out" / "partials").rglob("*.parquet"))


def test_only_days_with_news_are_summed(kept: Kept, engine: DuckDbEngine) -> None:
    computed, found = kept.compute(engine, "out")
    assert (computed.days_summed, found) == (4, {1: (3, 2, 2), 2: (2, 2, 2), 3: (0, 0, 0)})
    assert kept.compute(engine, "out")[0].days_summed == 0
    kept.write(LAST_DAY - 1, [(1, 1), (2, 23), (3, 4)])  # one record came late
    kept.write(LAST_DAY - 2, [(3, 4)])  # and a whole day
    before = partial_files(kept)
    computed, found = kept.compute(engine, "out")
    assert computed.days_summed == 2
    written = {path.parent.name for path in partial_files(kept) - before}
    assert written == {f"day={LAST_DAY - 1}", f"day={LAST_DAY - 2}"}
    assert len(before - partial_files(kept)) == len({path.parent.parent for path in before})
    assert found[3] == (2, 1, 2)
    assert found == kept.compute(engine, "from scratch")[1]


def test_a_day_whose_records_are_gone_is_forgotten(kept: Kept, engine: DuckDbEngine) -> None:
    kept.compute(engine, "out")
    del kept.files[LAST_DAY - 29]
    computed, found = kept.compute(engine, "out")
    assert (computed.days_summed, found[2]) == (0, (1, 1, 1))
    left = {path.parent.name for path in (kept.root / "out" / "partials").rglob("*.parquet")}
    assert left == {f"day={day}" for day in (LAST_DAY, LAST_DAY - 1, LAST_DAY - 30)}


def test_a_local_day_is_made_from_both_utc_days_that_it_touches(kept: Kept, engine: DuckDbEngine) -> None:
    kept.compute(engine, "out", "Asia/Kolkata")
    kept.write(LAST_DAY - 1, [(2, 1), (2, 22), (2, 23)])  # 23:00 UTC is the next day there
    computed, found = kept.compute(engine, "out", "Asia/Kolkata")
    assert computed.days_summed == 2
    assert found == kept.compute(engine, "from scratch", "Asia/Kolkata")[1]


def test_another_zone_sums_every_day_anew(kept: Kept, engine: DuckDbEngine) -> None:
    kept.compute(engine, "out")
    assert kept.compute(engine, "out", "Asia/Kolkata")[0].days_summed > 3
