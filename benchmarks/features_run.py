"""Made-up records to features, on DuckDB, on Spark, or on both and compared.

    .venv/bin/python benchmarks/features_run.py --records 10000000 --subscribers 100000
    .venv/bin/python benchmarks/features_run.py --records 1000000 --subscribers 100000 --engine both

Records lie as a run keeps them, a file per UTC day. Each step is a process of its own and prints a line of
JSON: `plain` is one hand-written query of DuckDB for TWENTY features (nothing is kept, no permission asked),
`twenty` these by us, `all` the whole catalogue; each of ours with all days new ("cold"), then with none
("again"). `cpu_s` and `rss_mb` are that process's: of Spark only the small part that is Python. The last
lines have the ratios.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import msgspec

from cdr_ingest.door.snapshot import PermissionSnapshot
from cdr_ingest.features.compute import Computation, publish_features, write_features
from cdr_ingest.features.duckdb_engine import DuckDbEngine
from cdr_ingest.features.needs import needs_of
from cdr_ingest.features.spark_engine import SparkEngine
from cdr_ingest.formats.layouts import LAYOUTS, RowKind
from operator_push.kernel.contracts import FeaturesManifest
from operator_push.kernel.instants import MICROS_PER_DAY

LAST_DAY = 20_756  # 2026-10-30
DAYS = 30
ZONE = "Asia/Kolkata"
TWENTY = (
    "calls_7d", "calls_30d", "call_minutes_30d", "sms_30d", "sessions_30d", "data_mb_7d", "data_mb_30d",
    "contacts_30d", "active_days_30d", "night_share_30d", "outgoing_share_30d", "weekend_share_30d",
    "contacts_entropy_30d", "days_since_active", "home.city", "home.area", "places_30d", "home_share_30d",
    "spend_30d", "days_since_top_up",
)  # fmt: skip
# The same twenty as somebody would write them who needs them once.
_LOCAL = "(started_at_us + 19800000000)"
_NIGHT = "(day_us <= 25200000000 OR day_us >= 68400000000)"
PLAIN = f"""
COPY (
WITH cdr AS (
  SELECT subscriber_no, kind, started_at_us, duration_s, octets, contact, cell_id,
    {_LOCAL} // 86400000000 AS day, {_LOCAL} % 86400000000 AS day_us
  FROM read_parquet('CDR') WHERE {_LOCAL} // 86400000000 > {LAST_DAY - DAYS}),
activity AS (
  SELECT subscriber_no, count(*) FILTER (kind IN ('MO_CALL', 'MT_CALL') AND day > {LAST_DAY - 7}) AS calls_7d,
    count(*) FILTER (kind IN ('MO_CALL', 'MT_CALL')) AS calls_30d,
    coalesce(sum(duration_s) FILTER (kind IN ('MO_CALL', 'MT_CALL')), 0) / 60.0 AS call_minutes_30d,
    count(*) FILTER (kind IN ('MO_SMS', 'MT_SMS')) AS sms_30d,
    count(*) FILTER (kind = 'DATA_SESSION') AS sessions_30d,
    coalesce(sum(octets) FILTER (kind = 'DATA_SESSION' AND day > {LAST_DAY - 7}), 0) / 1e6 AS data_mb_7d,
    coalesce(sum(octets) FILTER (kind = 'DATA_SESSION'), 0) / 1e6 AS data_mb_30d,
    count(DISTINCT day) AS active_days_30d,
    count(*) FILTER (kind <> 'DATA_SESSION' AND {_NIGHT})
      / nullif(count(*) FILTER (kind <> 'DATA_SESSION'), 0) AS night_share_30d,
    count(*) FILTER (kind IN ('MO_CALL', 'MO_SMS'))
      / nullif(count(*) FILTER (kind <> 'DATA_SESSION'), 0) AS outgoing_share_30d,
    count(*) FILTER ((day + 3) % 7 >= 5) / count(*) AS weekend_share_30d,
    {LAST_DAY} - max(day) AS days_since_active
  FROM cdr GROUP BY subscriber_no),
contacts AS (
  SELECT subscriber_no, count(*) AS contacts_30d, ln(sum(n)) - sum(n * ln(n)) / sum(n) AS contacts_entropy_30d
  FROM (SELECT subscriber_no, contact, count(*) AS n FROM cdr WHERE contact IS NOT NULL GROUP BY ALL)
  GROUP BY subscriber_no),
cells AS (
  SELECT subscriber_no, cell_id, count(*) AS n, count(*) FILTER ({_NIGHT}) AS night,
    min(started_at_us) FILTER ({_NIGHT}) AS night_us FROM cdr WHERE cell_id IS NOT NULL GROUP BY ALL),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY subscriber_no ORDER BY night DESC, night_us, cell_id) = 1
    AND night > 0 AS is_home FROM cells JOIN 'CELL' USING (cell_id)),
places AS (
  SELECT subscriber_no, max(city) FILTER (is_home) AS "home.city",
    max(floor(latitude * 10)::BIGINT || ',' || floor(longitude * 10)::BIGINT) FILTER (is_home) AS "home.area",
    count(*) AS places_30d, coalesce(sum(n) FILTER (is_home), 0) / sum(n) AS home_share_30d
  FROM ranked GROUP BY subscriber_no),
top_ups AS (
  SELECT subscriber_no, coalesce(sum(amount_micros) FILTER (day > {LAST_DAY - DAYS}), 0) / 1e6 AS spend_30d,
    {LAST_DAY} - max(day) AS days_since_top_up
  FROM (SELECT *, (topped_up_at_us + 19800000000) // 86400000000 AS day FROM read_parquet('TOP_UP'))
  GROUP BY subscriber_no)
SELECT * FROM 'SUBSCRIBER' LEFT JOIN activity USING (subscriber_no) LEFT JOIN contacts USING (subscriber_no)
  LEFT JOIN places USING (subscriber_no) LEFT JOIN top_ups USING (subscriber_no)
) TO 'OUT' (FORMAT parquet)"""


def make(folder: Path, records: int, subscribers: int) -> None:
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
        " 'hi' AS language, 'P' || (i % 5)::VARCHAR AS plan, i % 2 = 0 AS prepaid, 'android' AS device_os,"
        " 0::BIGINT AS valid_from_us, NULL::BIGINT AS valid_to_us, 'active' AS status,"
        " NULL::BIGINT AS sim_swapped_us, NULL::DATE AS plan_ends_on, NULL::VARCHAR AS device_tac,"
        " NULL::VARCHAR AS account_code, NULL::VARCHAR AS customer_code, NULL::VARCHAR AS home_zone,"
        " NULL::VARCHAR AS age_band"
        f" FROM range({subscribers}) t(i)",
        RowKind.CELL: "SELECT 'C' || i::VARCHAR AS cell_id, 'City' || (i % 40)::VARCHAR AS city,"
        " 10.5 + i % 20 AS latitude, 70.25 + i % 20 AS longitude FROM range(1010) t(i)",
    }
    connection = duckdb.connect(":memory:", config={"temp_directory": str(folder / "spill")})
    for kind, sql in tables.items():
        form, target = "FORMAT parquet, COMPRESSION zstd", folder / f"{kind.value}.parquet"
        if (moment := LAYOUTS[kind].moment) is not None:
            sql = f"SELECT *, {moment} // {MICROS_PER_DAY} AS day FROM ({sql})"
            form, target = f"{form}, PARTITION_BY (day)", folder / kind.value
        connection.execute(f"COPY ({sql}) TO '{target}' ({form})")
    connection.close()


def kept_in(folder: Path) -> dict[RowKind, list[Path]]:
    """The files that `make` made."""
    return {
        kind: sorted(folder.glob(f"{kind.value}.parquet")) + sorted(folder.glob(f"{kind.value}/*/*.parquet"))
        for kind in RowKind
    }


def run_plain(asked: argparse.Namespace, folder: Path) -> None:
    """The hand-written query."""
    started_s, cpu_s = time.monotonic(), time.process_time()
    settings = {"threads": str(asked.threads), "memory_limit": asked.memory_limit}
    connection = duckdb.connect(":memory:", config=settings | {"temp_directory": str(folder / "spill")})
    connection.execute("SET preserve_insertion_order = false")
    sql = PLAIN.replace("OUT", str(folder / "plain.parquet"))
    for kind in RowKind:
        files = f"{kind.value}/*/*.parquet" if LAYOUTS[kind].moment else f"{kind.value}.parquet"
        sql = sql.replace(f"'{kind.name}'", f"'{folder / files}'")
    connection.execute(sql)
    _tell(asked, started_s, cpu_s)


def run_ours(asked: argparse.Namespace, folder: Path) -> None:
    """Both computations on one engine."""
    rows = duckdb.sql(
        "SELECT (i + 1)::UINTEGER AS subscriber_no, 15::UINTEGER AS purposes"
        f" FROM range({asked.subscribers}) t(i)"
    ).to_arrow_table()
    out = folder / f"{asked.engine}-{asked.step}"
    permission = PermissionSnapshot(datetime(2026, 11, 1, tzinfo=UTC), "0badc0de", 1, rows)
    engine: Any = (
        SparkEngine(folder / "spark", asked.threads)
        if asked.engine == "spark"
        else DuckDbEngine(folder / "spill", asked.threads, asked.memory_limit)
    )
    needs = needs_of(TWENTY if asked.step == "twenty" else ())
    with engine:
        for way in ("cold", "again"):
            work = out / way
            work.mkdir(parents=True)
            started_s, cpu_s = time.monotonic(), time.process_time()
            computation = Computation(
                kept_in(folder), permission, ZoneInfo(ZONE), LAST_DAY, out, work, way, needs
            )
            computed = write_features(engine, computation)
            publish_features(out, computed.manifest)
            _tell(asked, started_s, cpu_s, way=way, days_summed=computed.days_summed)


def _tell(asked: argparse.Namespace, started_s: float, cpu_s: float, **more: Any) -> None:
    told = {
        "step": asked.step,
        "engine": asked.engine,
        "records": asked.records,
        **more,
        "seconds": round(time.monotonic() - started_s, 2),
        "cpu_s": round(time.process_time() - cpu_s, 2),
        "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(told), flush=True)


def differences(first: Path, second: Path) -> int:
    """How many values differ: doubles by more than 1e-9, and all of who is in one of them only."""
    one, other = (
        {files.purposes: [str(path.parent / name) for name in files.paths] for files in said.files}
        for path in (first, second)
        for said in [msgspec.json.decode(path.read_bytes(), type=FeaturesManifest)]
    )
    found = 0
    for purposes, files in one.items():
        ours = duckdb.read_parquet(files, hive_partitioning=False)
        theirs = duckdb.read_parquet(other[purposes], hive_partitioning=False)
        unlike = ["(a.subscriber_no IS NULL OR b.subscriber_no IS NULL)::INTEGER"]
        for name, kind in zip(ours.columns, ours.types, strict=True):
            differ = f'a."{name}" IS DISTINCT FROM b."{name}"'
            if str(kind) == "DOUBLE":
                far = f'abs(a."{name}" - b."{name}") > 1e-9 * greatest(1, abs(a."{name}"))'
                differ = f"({differ} AND coalesce({far}, true))"
            unlike.append(f"({differ})::INTEGER")
        both = ours.set_alias("a").join(theirs.set_alias("b"), "a.subscriber_no = b.subscriber_no", "outer")
        [(count,)] = both.aggregate(f"coalesce(sum({' + '.join(unlike)}), 0)::BIGINT").fetchall()
        found += count
    return found


def main() -> None:
    """Run what is asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=10_000_000)
    parser.add_argument("--subscribers", type=int, default=100_000)
    parser.add_argument("--engine", choices=("duckdb", "spark", "both"), default="duckdb")
    parser.add_argument("--steps", default="plain,twenty,all", help="Which steps, as listed above.")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-limit", default="1GB")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step == "make":
        make(asked.folder, asked.records, asked.subscribers)
    elif asked.step:
        (run_plain if asked.step == "plain" else run_ours)(asked, asked.folder)
    else:
        with tempfile.TemporaryDirectory() as name:
            _run_steps(asked, Path(name))


def _run_steps(asked: argparse.Namespace, folder: Path) -> None:
    _in_process(asked, folder, "make", "duckdb")
    told = {}
    for step in asked.steps.split(","):
        engines = ("duckdb", "spark") if asked.engine == "both" else (asked.engine,)
        for engine in ("duckdb",) if step == "plain" else engines:
            for line in _in_process(asked, folder, step, engine):
                print(json.dumps(line), flush=True)
                told[(engine, step, line.get("way", "cold"))] = line
        if step != "plain" and len(engines) == 2:
            manifests = [folder / f"{engine}-{step}" / "features.json" for engine in engines]
            print(json.dumps({"step": step, "values_that_differ": differences(*manifests)}))
    plain = told.get(("duckdb", "plain", "cold"))
    for (engine, step, way), line in told.items():
        if plain and engine == "duckdb" and step != "plain":
            cpu, wall = line["cpu_s"] / plain["cpu_s"], line["seconds"] / plain["seconds"]
            ratios = {"cpu_of_plain": round(cpu, 2), "seconds_of_plain": round(wall, 2)}
            print(json.dumps({"step": step, "way": way, **ratios}))


def _in_process(asked: argparse.Namespace, folder: Path, step: str, engine: str) -> list[dict[str, Any]]:
    sizes = ["--records", str(asked.records), "--subscribers", str(asked.subscribers)]
    limits = ["--threads", str(asked.threads), "--memory-limit", asked.memory_limit]
    what = ["--step", step, "--folder", str(folder), "--engine", engine]
    done = subprocess.run(
        [sys.executable, __file__, *sizes, *limits, *what], stdout=subprocess.PIPE, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


if __name__ == "__main__":
    main()
