"""CSV files to features, as `cdr-ingest run` does it: records per second, and memory as the input grows.

    .venv/bin/python benchmarks/ingest_run.py                        # 2 million records
    .venv/bin/python benchmarks/ingest_run.py --millions 1,5,20      # is memory flat?

Made-up files (30 days, 100,000 subscribers, every hundredth row faulty, every hundredth a repeat) go through
the door, the checkpoints and the search for repeats to the twenty features of features_run.py. Each size is a
process of its own and prints a line of JSON, with the same files read alone by DuckDB and by Arrow beside it.
`cpu_s` counts all threads; `rss_mb` is the process's peak.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from features_run import TWENTY
from pyarrow import csv

from cdr_ingest.ingest.run import ingest
from cdr_ingest.ingest.settings import IngestSettings
from cdr_ingest.progress import SilentProgress
from operator_push.kernel.contracts import SNAPSHOT_KEY
from operator_push.kernel.pseudonym import key_id, lookup_value

KEY = bytes(range(32))
SUBSCRIBERS = 100_000
DAYS = 30
NOW = datetime(2026, 11, 2, tzinfo=UTC)
_NUMBER = "'9190' || lpad(({})::VARCHAR, 8, '0')"
_PERSON, _CONTACT = _NUMBER.format("p"), _NUMBER.format("50000000 + p % 1000000 * 40 + hash(i, 5) % 40")


def make(folder: Path, records: int) -> None:
    """The files of an input folder in `folder`/drop, the snapshot and the key beside it."""
    drop = folder / "drop"
    (drop / "cdr").mkdir(parents=True)
    connection = duckdb.connect(":memory:", config={"temp_directory": str(folder / "spill")})
    per_day = records // DAYS
    for day in range(DAYS):
        # Every hundredth row stands twice, every hundredth has a date that there is not.
        connection.execute(
            "COPY (SELECT 'M' || (i - (i % 100 = 7)::INTEGER) AS record_id, * EXCLUDE (i, p, h, s) FROM ("
            " SELECT CASE WHEN i % 100 = 7 THEN i - 1 ELSE i END AS i, hash(i) % 100000 AS p FROM"
            f" range({day * per_day}, {(day + 1) * per_day}) t(i)), LATERAL (SELECT hash(i, 1) % 100 AS h,"
            f" (hash(i, 2) % 86400)::BIGINT AS s), LATERAL (SELECT CASE WHEN h < 25 THEN 'MO_CALL'"
            " WHEN h < 50 THEN 'MT_CALL' WHEN h < 60 THEN 'MO_SMS' WHEN h < 70 THEN 'MT_SMS'"
            f" ELSE 'DATA_SESSION' END AS kind, {_PERSON} AS msisdn,"
            f" CASE WHEN h < 70 THEN {_CONTACT} END AS correspondent,"
            f" CASE WHEN i % 100 = 50 THEN '2026-13-01T00:00:00+05:30' ELSE strftime(TIMESTAMP '2026-10-02'"
            f" + INTERVAL {day} DAY + to_seconds(s), '%Y-%m-%dT%H:%M:%S+05:30') END AS started_at,"
            " CASE WHEN h < 50 OR h >= 70 THEN hash(i, 3) % 600 END AS duration_s,"
            " CASE WHEN h >= 70 THEN hash(i, 4) % 1000000 END AS octets_up,"
            " CASE WHEN h >= 70 THEN hash(i, 6) % 50000000 END AS octets_down,"
            " 'C' || (p % 500 * 2 + hash(i, 7) % 7) AS cell_id))"
            f" TO '{drop / 'cdr' / f'day{day:02d}.csv'}' (HEADER)"
        )
    connection.execute(
        "COPY (SELECT 'C' || i AS cell_id, 'City' || (i % 40) AS city, 10.5 + i % 20 AS latitude,"
        f" 70.25 + i % 20 AS longitude FROM range(1010) t(i)) TO '{drop / 'cells.csv'}' (HEADER)"
    )
    numbers = [f"9190{number:08d}" for number in range(SUBSCRIBERS)]
    table = pa.table(
        {
            "lookup": pa.array([lookup_value(KEY, "msisdn", number) for number in numbers], pa.binary(16)),
            "subscriber_no": pa.array(range(1, SUBSCRIBERS + 1), pa.uint32()),
            "purposes": pa.array([15] * SUBSCRIBERS, pa.uint32()),
        }
    )
    metadata = {
        SNAPSHOT_KEY.version: b"1",
        SNAPSHOT_KEY.taken_at: NOW.isoformat().encode(),
        SNAPSHOT_KEY.key_id: key_id(KEY).encode(),
        SNAPSHOT_KEY.permission_sequence: b"1",
    }
    pq.write_table(table.replace_schema_metadata(metadata), folder / "snapshot.parquet")
    (folder / "key").write_text(KEY.hex())


def read_by_duckdb(files: list[Path], threads: int) -> int:
    """All rows as text in columns."""
    connection = duckdb.connect(":memory:", config={"threads": str(threads)})
    columns = ", ".join(f"count(COLUMNS('{name}'))" for name in ("record_id", "started_at", "cell_id"))
    connection.execute(
        f"SELECT count(*), {columns} FROM read_csv({[str(file) for file in files]}, all_varchar = true)"
    )
    return int(connection.fetchall()[0][0])


def read_by_arrow(files: list[Path], threads: int) -> int:
    """All rows in columns of Arrow's own types, file by file."""
    pa.set_cpu_count(threads)
    return sum(csv.read_csv(file).num_rows for file in files)


def run_ours(asked: argparse.Namespace) -> int:
    """The whole run."""
    settings = IngestSettings(
        asked.folder / "drop", asked.folder / "snapshot.parquet", asked.folder / "key", asked.folder / "out",
        threads=asked.threads, memory_limit=asked.memory_limit, features=TWENTY,
    )  # fmt: skip
    done = ingest(settings, NOW, time.monotonic, SilentProgress())
    if (done["rejected"], done["duplicates"]) == (0, 0):
        raise SystemExit("the made-up faults and repeats were not found")
    return int(done["read"])


def step(asked: argparse.Namespace) -> None:
    """One step in this process; its line."""
    files = sorted((asked.folder / "drop" / "cdr").iterdir())
    steps: dict[str, Callable[[], int]] = {
        "run": lambda: run_ours(asked),
        "duckdb reads": lambda: read_by_duckdb(files, asked.threads),
        "arrow reads": lambda: read_by_arrow(files, asked.threads),
    }
    started_s, cpu_s = time.monotonic(), time.process_time()
    rows = steps[asked.step]()
    seconds, cpu = time.monotonic() - started_s, time.process_time() - cpu_s
    told: dict[str, Any] = {
        "step": asked.step,
        "records": rows,
        "seconds": round(seconds, 2),
        "cpu_s": round(cpu, 2),
        "records_per_s": round(rows / seconds),
        "records_per_cpu_s": round(rows / cpu),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(told), flush=True)


def main() -> None:
    """Run what is asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--millions", default="2", help="Records of each round, in millions.")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-limit", default="1GB")
    parser.add_argument("--alone", action="store_true", help="Without DuckDB and Arrow beside it.")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        step(asked)
        return
    for millions in asked.millions.split(","):
        with tempfile.TemporaryDirectory() as name:
            make(Path(name), int(float(millions) * 1_000_000))
            told = {each: _in_process(asked, name, each) for each in _steps(asked)}
        for each, line in told.items():
            if each != "run":
                wall, cpu = (round(told["run"][key] / line[key], 1) for key in ("seconds", "cpu_s"))
                print(json.dumps({"run_beside": each, "seconds": wall, "cpu": cpu}), flush=True)


def _steps(asked: argparse.Namespace) -> tuple[str, ...]:
    return ("run",) if asked.alone else ("run", "duckdb reads", "arrow reads")


def _in_process(asked: argparse.Namespace, folder: str, each: str) -> dict[str, Any]:
    limits = ["--threads", str(asked.threads), "--memory-limit", asked.memory_limit]
    command = [sys.executable, __file__, *limits, "--step", each, "--folder", folder]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    line: dict[str, Any] = json.loads(done.stdout)
    print(json.dumps(line), flush=True)
    return line


if __name__ == "__main__":
    main()
