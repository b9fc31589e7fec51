"""Kept records lie by day: a late record amends its day and nothing else."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ingest_drop import EVERYTHING, Drop, counts
from sqlalchemy import create_engine, text

from operator_push.kernel.contracts import DataPurpose, RecordsManifest

ASHA, BINA = "919845000001", "919845000002"
AS_OF = date(2026, 10, 31)


def call(record_id: str, day: int, msisdn: str = ASHA) -> str:
    return f"{record_id},MO_CALL,{msisdn},919845111111,2026-10-{day:02}T12:00:00+05:30,60,,,"


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    return Drop(tmp_path, {ASHA: (1, EVERYTHING), BINA: (2, EVERYTHING)})


def manifest(drop: Drop) -> dict[str, tuple[int, int]]:
    """Day of CDRs → (run that wrote it, rows)."""
    read = msgspec.json.decode((drop.out / "records" / "manifest.json").read_bytes(), type=RecordsManifest)
    return {file.day: (file.run, file.rows) for file in read.files if file.kind == "cdr" and file.day}


def test_a_late_record_amends_the_day_that_it_belongs_to(drop: Drop) -> None:
    drop.cdrs(call("r1", 9), call("r2", 10), call("r3", 11))
    drop.run(AS_OF)
    assert manifest(drop) == {"2026-10-09": (1, 1), "2026-10-10": (1, 1), "2026-10-11": (1, 1)}
    untouched = (drop.out / "records/cdr/day=2026-10-11/000001.parquet").stat().st_mtime_ns
    drop.cdrs(call("r2", 10), call("r4", 10), name="late.csv")
    assert counts(drop.run(AS_OF)) == (2, 1, 0, 1, 0)
    assert manifest(drop) == {"2026-10-09": (1, 1), "2026-10-10": (2, 2), "2026-10-11": (1, 1)}
    assert (drop.out / "records/cdr/day=2026-10-11/000001.parquet").stat().st_mtime_ns == untouched
    assert drop.features()[1]["calls_30d"] == 4


def test_only_days_of_people_who_withdrew_are_written_anew(drop: Drop) -> None:
    drop.cdrs(call("r1", 9), call("r2", 10, BINA), call("r3", 11), call("r4", 11, BINA))
    drop.run(AS_OF)
    drop.permit({ASHA: (1, EVERYTHING), BINA: (2, DataPurpose.TOP_UP)})
    drop.run(AS_OF)
    assert manifest(drop) == {"2026-10-09": (1, 1), "2026-10-11": (2, 1)}
    assert not (drop.out / "records/cdr/day=2026-10-10").exists()


def test_what_the_first_version_kept_is_taken_over_by_day(drop: Drop) -> None:
    drop.cdrs(call("r1", 9), call("r2", 10))
    drop.run(AS_OF)
    records = drop.out / "records"
    rows = pa.concat_tables(
        pq.read_table(path, partitioning=None) for path in records.glob("cdr/day=*/*.parquet")
    )
    shutil.rmtree(records)
    (records / "000001").mkdir(parents=True)
    pq.write_table(rows, records / "000001" / "cdr.parquet")
    engine = create_engine(f"sqlite:///{drop.out / 'ingest.db'}")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM kept_file"))
    engine.dispose()
    drop.cdrs(call("r2", 10), call("r3", 10), name="b.csv")
    assert counts(drop.run(AS_OF)) == (2, 1, 0, 1, 0)
    assert manifest(drop) == {"2026-10-09": (2, 1), "2026-10-10": (2, 2)}
    assert not (records / "000001").exists()
    assert drop.features()[1]["calls_30d"] == 3


def test_the_days_read_as_one_table_with_their_day(drop: Drop) -> None:
    drop.cdrs(call("r1", 9), call("r2", 10), call("r3", 10))
    drop.run(AS_OF)
    found = duckdb.sql(
        f"SELECT day, count(*) FROM read_parquet('{drop.out}/records/cdr/day=*/*.parquet')"
        " GROUP BY day ORDER BY day"
    ).fetchall()
    assert [(str(day), rows) for day, rows in found] == [("2026-10-09", 1), ("2026-10-10", 2)]
