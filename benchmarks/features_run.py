"""Made-up records to features, on DuckDB, on Spark, or on both and compared.

    .venv/bin/python benchmarks/features_run.py --records 10000000 --subscribers 100000
    .venv/bin/python benchmarks/features_run.py --records 1000000 --subscribers 100000 --engine both

Prints a line of JSON per computation: all days new ("cold"), then none ("again"). `cpu_s` and `rss_mb` are
this process's: of Spark only the small part that is Python.
"""

import argparse
import json
import math
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import msgspec
import pyarrow.parquet as pq

from cdr_ingest.door.snapshot import PermissionSnapshot
from cdr_ingest.features.compute import Computation, publish_features, write_features
from cdr_ingest.features.duckdb_engine import DuckDbEngine
from cdr_ingest.features.spark_engine import SparkEngine
from cdr_ingest.formats.layouts import RowKind
from operator_push.kernel.contracts import FeaturesManifest

LAST_DAY = 20_756  # 2026-10-30
DAYS = 30


def make(folder: Path, records: int, subscribers: int) -> dict[RowKind, list[Path]]:
    """Files of kept records, the same for the same sizes."""
    day_us, person = 86_400_000_000, f"(hash(i) % {subscribers} + 1)::UINTEGER AS subscriber_no"
    moment = f"({LAST_DAY - DAYS + 1} * {day_us} + (hash(i, 2) % ({DAYS} * 86400 - 19800))::BIGINT * 1000000)"
    tables = {
        RowKind.CDR: f"SELECT {person}, CASE WHEN h < 25 THEN 'MO_CALL' WHEN h < 50 THEN 'MT_CALL'"
        " WHEN h < 60 THEN 'MO_SMS' WHEN h < 70 THEN 'MT_SMS' ELSE 'DATA_SESSION' END AS kind,"
        f" {moment} AS started_at_us, CASE WHEN h < 50 THEN (hash(i, 3) % 600)::INTEGER END AS duration_s,"
        " CASE WHEN h >= 70 THEN (hash(i, 4) % 50000000)::BIGINT ELSE 0 END AS octets,"
        f" CASE WHEN h < 70 THEN ((hash(i) % {subscribers}) * 64 + hash(i, 5) % 40)::UBIGINT END AS contact,"
        f" 'C' || ((hash(i) % {subscribers}) % 500 * 2 + hash(i, 6) % 7)::VARCHAR AS cell_id"
        f" FROM (SELECT i, hash(i, 1) % 100 AS h FROM range({records}) t(i))",
        RowKind.TOP_UP: f"SELECT {person}, {moment} AS topped_up_at_us,"
        f" (hash(i, 3) % 500 + 10)::BIGINT * 1000000 AS amount_micros FROM range({records // 30}) t(i)",
        RowKind.SUBSCRIBER: "SELECT (i + 1)::UINTEGER AS subscriber_no,"
        " DATE '2020-01-01' + (i % 2000)::INTEGER AS activated_on, (1950 + i % 60)::INTEGER AS birth_year,"
        " 'hi' AS language, 'P' || (i % 5)::VARCHAR AS plan, i % 2 = 0 AS prepaid, 'android' AS device_os"
        f" FROM range({subscribers}) t(i)",
        RowKind.CELL: "SELECT 'C' || i::VARCHAR AS cell_id, 'City' || (i % 40)::VARCHAR AS city,"
        " 10.5 + i % 20 AS latitude, 70.25 + i % 20 AS longitude FROM range(1010) t(i)",
    }
    connection = duckdb.connect(":memory:", config={"temp_directory": str(folder / "spill")})
    for kind, sql in tables.items():
        connection.execute(
            f"COPY ({sql}) TO '{folder / kind.value}.parquet' (FORMAT parquet, COMPRESSION zstd)"
        )
    connection.close()
    return {kind: [folder / f"{kind.value}.parquet"] for kind in tables}


def run(asked: argparse.Namespace, engine_name: str, folder: Path, kept: dict[RowKind, list[Path]]) -> Path:
    """Both computations on one engine; the manifest."""
    rows = duckdb.sql(
        "SELECT (i + 1)::UINTEGER AS subscriber_no, 15::UINTEGER AS purposes"
        f" FROM range({asked.subscribers}) t(i)"
    ).to_arrow_table()
    out = folder / engine_name
    permission = PermissionSnapshot(datetime(2026, 11, 1, tzinfo=UTC), "0badc0de", 1, rows)
    engine: Any = (
        SparkEngine(folder / "spark", asked.threads)
        if engine_name == "spark"
        else DuckDbEngine(folder / "spill", asked.threads, asked.memory_limit)
    )
    with engine:
        for way in ("cold", "again"):
            work = out / way
            work.mkdir(parents=True)
            zone = ZoneInfo("Asia/Kolkata")
            started_s, cpu_s = time.monotonic(), time.process_time()
            computed = write_features(engine, Computation(kept, permission, zone, LAST_DAY, out, work, way))
            publish_features(out, computed.manifest)
            told = {
                "engine": engine_name,
                "way": way,
                "records": asked.records,
                "profiles": computed.profiles,
                "days_summed": computed.days_summed,
                "seconds": round(time.monotonic() - started_s, 2),
                "cpu_s": round(time.process_time() - cpu_s, 2),
                "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
            print(json.dumps(told), flush=True)
    return out / "features.json"


def differences(first: Path, second: Path) -> int:
    """How many values differ by more than 1e-9."""
    found = 0
    one, other = (_people(path) for path in (first, second))
    for key in one.keys() | other.keys():
        ours, theirs = one.get(key), other.get(key)
        if isinstance(ours, float) and isinstance(theirs, float):
            found += not math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
        else:
            found += ours != theirs
    return found


def _people(path: Path) -> dict[tuple[int, str], Any]:
    said = msgspec.json.decode(path.read_bytes(), type=FeaturesManifest)
    values = {}
    for files in said.files:
        for name in files.paths:
            for row in pq.ParquetFile(path.parent / name).read().to_pylist():
                number = row.pop("subscriber_no")
                values |= {(number, column): value for column, value in row.items()}
    return values


def main() -> None:
    """Run what is asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--subscribers", type=int, default=100_000)
    parser.add_argument("--engine", choices=("duckdb", "spark", "both"), default="duckdb")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-limit", default="1GB")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = make(folder, asked.records, asked.subscribers)
        names = ("duckdb", "spark") if asked.engine == "both" else (asked.engine,)
        manifests = [run(asked, engine, folder, kept) for engine in names]
        if len(manifests) == 2:
            print(json.dumps({"values_that_differ": differences(*manifests)}))


if __name__ == "__main__":
    main()
