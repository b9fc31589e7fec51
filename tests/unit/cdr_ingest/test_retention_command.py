"""Retention: nothing of whoever has withdrawn is left in any file, nor of days that are too old."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from click.testing import CliRunner
from ingest_drop import EVERYTHING, Drop

from cdr_ingest.cli import main
from operator_push.kernel.contracts import DataPurpose

ASHA, BINA = "919845000001", "919845000002"
TODAY = datetime.now(UTC)


def day(days_ago: int) -> str:
    return f"{(TODAY - timedelta(days=days_ago)).date().isoformat()}T12:00:00Z"


def retention(drop: Drop, *options: str) -> dict[str, Any]:
    asked = ["retention", "--out", str(drop.out), "--snapshot", str(drop.snapshot)]
    done = CliRunner().invoke(main, [*asked, "--key-file", str(drop.key_file), "--json", *options])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def people_in(folder: Path) -> set[int]:
    """Everybody who has a row in any Parquet file."""
    found: set[int] = set()
    for path in folder.rglob("*.parquet"):
        table = pq.ParquetFile(path).read()
        if "subscriber_no" in table.column_names and "permission" not in path.parts:
            found |= set(table.column("subscriber_no").to_pylist())
    return found


def test_what_was_withdrawn_is_erased_everywhere_and_proved(tmp_path: Path) -> None:
    drop = Drop(tmp_path, {ASHA: (1, EVERYTHING), BINA: (2, EVERYTHING)})
    drop.subscribers(
        f"{ASHA},404980000000001,2026-01-01,1990,hi,Talk 99,true,android",
        f"{BINA},404980000000002,2020-01-01,1980,kn,Talk 99,true,ios",
    )
    drop.cdrs(
        *(f"a{n},MO_CALL,{ASHA},919845111111,{day(n)},60,,," for n in (2, 40, 200)),
        *(f"b{n},MO_CALL,{BINA},919845111111,{day(n)},60,,," for n in (2, 50)),
    )
    drop.top_ups(f"t1,{BINA},{day(3)},19.00,app")
    drop.run(now=TODAY)
    assert people_in(drop.out) == {1, 2}
    drop.permit({ASHA: (1, EVERYTHING), BINA: (2, DataPurpose.NONE)})
    told = retention(drop)
    assert told["withdrawn"] == {"subscriber_record": 1, "call_data": 1, "location": 1, "top_up": 1}
    assert (told["records"], told["expired_records"], told["expired_days"]) == (4, 1, 1)
    assert people_in(drop.out) == {1}
    asha = drop.features()[1]
    assert (asha["calls_7d"], asha["calls_90d"], list(drop.features())) == (1, 2, [1])
    proof = json.loads((drop.out / "runs" / "000002" / "run.json").read_text())
    assert proof["erased"]["records"] == 4
    assert retention(drop)["withdrawn"] == {}


def test_only_what_needs_the_withdrawn_purpose_is_erased(tmp_path: Path) -> None:
    drop = Drop(tmp_path, {ASHA: (1, EVERYTHING)})
    drop.cells("BLR1,Bengaluru,12.9,77.6")
    drop.cdrs(f"a1,MO_CALL,{ASHA},919845111111,{day(2)[:11]}20:00:00Z,60,,,BLR1")
    drop.run(now=TODAY)
    assert drop.features()[1]["home.city"] == "Bengaluru"
    drop.permit({ASHA: (1, EVERYTHING ^ DataPurpose.LOCATION)})
    assert retention(drop)["withdrawn"] == {"location": 1}
    asha = drop.features()[1]
    assert (asha["home.city"], asha["calls_7d"]) == (None, 1)
    for path in drop.out.rglob("*.parquet"):
        table = pq.ParquetFile(path).read()
        if "cell_id" in table.column_names and "cell" not in path.parts:
            # "" is the one place of records without any, as indicators count them.
            assert set(table.column("cell_id").to_pylist()) <= {None, ""}, path


def test_before_the_first_run_it_says_so(tmp_path: Path) -> None:
    drop = Drop(tmp_path, {})
    drop.out.mkdir()
    asked = ["retention", "--out", str(drop.out), "--snapshot", str(drop.snapshot)]
    done = CliRunner().invoke(main, [*asked, "--key-file", str(drop.key_file)])
    assert done.exit_code == 2
    assert "no run has ended there yet" in done.stderr
