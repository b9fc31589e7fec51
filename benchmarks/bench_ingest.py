"""Ingest: generating, the door, a whole run and an audience's count, in rows per second.

One call of a benchmark here works on many rows; the lines printed say rows per second. DuckDB's threads
share the work, so that CPU seconds and the clock differ.
"""

import csv
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyroaring import BitMap

from cdr_ingest.door.row_filter import MomentBounds, RowFilter
from cdr_ingest.door.snapshot import read_snapshot
from cdr_ingest.formats.layouts import LAYOUTS, RowKind
from cdr_ingest.generate.settings import GenerateSettings
from cdr_ingest.generate.writing import generate
from cdr_ingest.ingest.run import ingest
from cdr_ingest.ingest.settings import IngestSettings
from cdr_ingest.progress import SilentProgress
from cdr_ingest.reading.opening import read_rows
from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.consent import Purpose
from operator_push.kernel.contracts import SNAPSHOT_KEY
from operator_push.kernel.instants import to_epoch_us
from operator_push.kernel.numbering import is_msisdn
from operator_push.kernel.pseudonym import key_id, lookup_value
from operator_push.profiles.feature_store import FeatureStore
from operator_push.profiles.permitted_profiles import Permission, PermittedProfiles

SUBSCRIBERS = 10_000
ROUNDS = 3
KEY = bytes(range(32))
NOW = datetime(2026, 11, 2, tzinfo=UTC)
MOST_PERMIT = (15, 15, 7, 3, 8)  # purposes of five neighbours; the fifth keeps its calls to itself
printed: list[str] = []


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated drop with its key and snapshot."""
    root = tmp_path_factory.mktemp("bench")
    generate(GenerateSettings(root / "drop", SUBSCRIBERS, seed=7))
    (root / "key").write_text(KEY.hex())
    with (root / "drop" / "subscribers.csv").open(encoding="utf-8", newline="") as file:
        numbers = list(
            dict.fromkeys(r["msisdn"] for r in csv.DictReader(file) if is_msisdn(r["msisdn"] or ""))
        )
    table = pa.table(
        {
            "lookup": pa.array([lookup_value(KEY, "msisdn", number) for number in numbers], pa.binary(16)),
            "subscriber_no": pa.array(range(1, len(numbers) + 1), pa.uint32()),
            "purposes": pa.array([MOST_PERMIT[n % 5] for n in range(len(numbers))], pa.uint32()),
        }
    )
    metadata = {
        SNAPSHOT_KEY.version: b"1",
        SNAPSHOT_KEY.taken_at: NOW.isoformat().encode(),
        SNAPSHOT_KEY.key_id: key_id(KEY).encode(),
        SNAPSHOT_KEY.permission_sequence: b"1",
    }
    pq.write_table(table.replace_schema_metadata(metadata), root / "snapshot.parquet")
    return root


def measure(benchmark: Any, title: str, work: Callable[[], int]) -> None:
    """Run `work`, which returns its number of rows, and note the best rates of a few rounds."""
    cpu, clock, rows = [], [], 0

    def timed() -> None:
        nonlocal rows
        cpu_before, clock_before = time.process_time(), time.perf_counter()
        rows = work()
        cpu.append(time.process_time() - cpu_before)
        clock.append(time.perf_counter() - clock_before)

    benchmark.pedantic(timed, rounds=ROUNDS, iterations=1)
    benchmark.extra_info["rows"] = rows
    benchmark.extra_info["rows_per_cpu_second"] = round(rows / min(cpu))
    benchmark.extra_info["rows_per_second"] = round(rows / min(clock))
    printed.append(
        f"{title}: {rows:,} rows, {rows / min(clock):,.0f} rows/s, {rows / min(cpu):,.0f} rows per CPU second"
    )


def test_generate(benchmark: Any, tmp_path: Path) -> None:
    def work() -> int:
        shutil.rmtree(tmp_path / "drop", ignore_errors=True)
        summary = generate(GenerateSettings(tmp_path / "drop", SUBSCRIBERS, seed=7))
        return summary.rows["cdr"] + summary.rows["topups"]

    measure(benchmark, "generate (CDRs and top-ups)", work)


@pytest.mark.parametrize("threads", [1, 2])
def test_door(benchmark: Any, drop: Path, threads: int) -> None:
    """Text in, pseudonymous Arrow rows out: split, validate, look up, permit, pseudonymise."""
    layout = LAYOUTS[RowKind.CDR]
    files = sorted((drop / "drop" / "cdr").iterdir())
    door = RowFilter(
        read_snapshot(drop / "snapshot.parquet", KEY), KEY, MomentBounds(0, 2 * 10**15), threads, "1GB"
    )

    def work() -> int:
        read = 0
        for path in files:
            for block in read_rows(path, layout):
                read += door.filter_block(layout, block, 1).read
        return read

    measure(benchmark, f"door, {threads} threads", work)
    door.close()


def test_run(benchmark: Any, drop: Path) -> None:
    """Files to features.json, rejects and repeats included."""

    def work() -> int:
        out = drop / "out"
        shutil.rmtree(out, ignore_errors=True)
        settings = IngestSettings(drop / "drop", drop / "snapshot.parquet", drop / "key", out)
        read = ingest(settings, NOW, time.monotonic, SilentProgress())["read"]
        assert isinstance(read, int)
        return read

    measure(benchmark, "run, files to features", work)


def test_count_audience(benchmark: Any, drop: Path) -> None:
    rule = compile_rule('age >= 18 && calls_30d >= 3 && home.city in ["Mumbai", "Pune"]')
    everybody = BitMap(range(1, SUBSCRIBERS + 1))
    permission = Permission(Purpose.MARKETING, "*", to_epoch_us(NOW), everybody, lambda bit: everybody)
    with FeatureStore(drop / "out" / "features.json") as store:
        profiles = PermittedProfiles(store, permission)

        def work() -> int:
            assert profiles.matching(rule)
            return store.file.profiles

        measure(benchmark, "count of an audience (profiles)", work)
