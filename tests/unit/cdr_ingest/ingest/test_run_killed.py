"""A run killed anywhere repeats nothing and loses nothing."""

import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import ingest_killed
import pytest
from ingest_drop import EVERYTHING, Drop, counts

from cdr_ingest.store.file_ledger import FileLedger
from cdr_ingest.store.ledger_rows import FileState

ASHA, BINA, NOBODY = "919845000001", "919845000002", "919845000009"
TESTS = Path(__file__).parents[3]


def fill(root: Path) -> Drop:
    drop = Drop(root, {ASHA: (1, EVERYTHING), BINA: (2, EVERYTHING)})
    people = (ASHA, BINA, NOBODY)

    def row(n: int) -> str:
        at = f"2026-10-{10 + n % 5:02}T12:{n % 60:02}:00+05:30"
        return f"r{n % 90},MO_CALL,{people[n % 3]},919845111111,{at if n % 10 else 'never'},60,,,"

    drop.cdrs(*(row(n) for n in range(120)))
    drop.cdrs(*(row(n) for n in range(60, 100)), name="b.csv")
    path = drop.input / "cdr" / "c.csv.gz"
    path.write_bytes(gzip.compress((drop.input / "cdr" / "a.csv").read_bytes() + row(121).encode() + b"\n"))
    drop.top_ups(*(f"t{n},{ASHA},2026-10-2{n % 3}T09:00:00+05:30,10.00,app" for n in range(40)))
    drop.subscribers(f"{ASHA},404980000000001,2026-01-01,1990,hi,Talk 99,true,android")
    return drop


def left(drop: Drop) -> dict[str, Any]:
    """What the runs over a drop left, whatever their number was."""
    kept = f"SELECT * EXCLUDE day FROM read_parquet('{drop.out}/records/KIND/day=*/*.parquet') ORDER BY ALL"
    with FileLedger(drop.out / "ingest.db") as ledger:
        files = sorted(ledger.files().values(), key=lambda file: file.name)
        assert {file.state for file in files} == {FileState.DONE}
        assert ledger.parts() == []
        totals: Counter[str] = Counter()
        for run in ledger.runs():
            totals.update(
                {name: getattr(run, name) for name in ("read", "accepted", "rejected", "duplicates")}
            )
    rejects = [
        line
        for path in sorted((drop.out / "runs").glob("*/rejects.csv"))
        for line in path.read_text().splitlines()[1:]
    ]
    return {
        "features": drop.features(),
        "records": [duckdb.sql(kept.replace("KIND", kind)).fetchall() for kind in ("cdr", "top_up")],
        "files": [(file.name, file.read, file.accepted, file.rejected, file.duplicates) for file in files],
        "totals": totals,
        "rejects": sorted(rejects),
    }


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an undisturbed run leaves."""
    drop = fill(tmp_path_factory.mktemp("whole"))
    report = drop.run(date(2026, 10, 31))
    assert min(counts(report)) > 0
    return left(drop)


@pytest.mark.parametrize("seed", [0, 7])
def test_a_run_killed_anywhere_repeats_nothing_and_loses_nothing(
    tmp_path: Path, expected: dict[str, Any], seed: int
) -> None:
    drop = fill(tmp_path)
    done = subprocess.run(
        [sys.executable, str(TESTS / "ingest_killed.py"), str(tmp_path), str(seed)],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(TESTS)},
    )
    died = json.loads(done.stdout)
    if seed == 0:
        points = [getattr(owner, name).__qualname__ for owner, name, _ in ingest_killed.POINTS]
        assert died == [*points, ""]
    assert left(drop) == expected
    assert not [*(drop.out / "staging").glob("*")]
