"""Runs over files of other houses: packed ones, and those that a mapping reads."""

import gzip
from datetime import date
from pathlib import Path

import pytest
from ingest_drop import EVERYTHING, Drop, counts

ASHA = "919845000001"
AS_OF = date(2026, 10, 31)
MAPPING = """
name = "switch"
kind = "cdr"
files = ["switch/*"]
[text]
delimiter = ";"
[fields]
record_id = { from = "id" }
kind = { value = "MO_CALL" }
msisdn = { from = "a", number = { country_code = "91", national_prefix = "0" } }
correspondent = { from = "b", number = { country_code = "91", national_prefix = "0" } }
started_at = { from = "at", date = "%d.%m.%Y %H:%M" }
duration_s = { from = "min", unit = "min" }
"""
ROWS = """id;a;b;at;min
1;09845000001;09811111111;10.10.2026 12:00;1.5
2;+919845000001;09811111111;10.10.2026 13:00;1
2;09845000001;09811111111;10.10.2026 13:00;1
3;09845000001;09811111111;32.10.2026 13:00;1
4;09845000009;09811111111;10.10.2026 13:00;1
"""


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    drop = Drop(tmp_path, {ASHA: (1, EVERYTHING)})
    (drop.input / "mappings").mkdir()
    (drop.input / "mappings" / "switch.toml").write_text(MAPPING)
    (drop.input / "switch").mkdir()
    return drop


def test_a_packed_file_of_another_house(drop: Drop) -> None:
    (drop.input / "switch" / "a.txt.gz").write_bytes(gzip.compress(ROWS.encode()))
    report = drop.run(AS_OF)
    assert counts(report) == (5, 2, 1, 1, 1)
    assert report["ignored_files"] == []
    assert report["rejected_by_reason"] == {"IMPOSSIBLE_DATE": 1}
    features = drop.features()[1]
    assert (features["calls_30d"], features["call_minutes_30d"]) == (2, 2.5)
    [reject] = (drop.out / "rejects.csv").read_text().splitlines()[1:]
    assert reject.startswith("switch/a.txt.gz,5,IMPOSSIBLE_DATE,started_at is 32.…00,")


def test_a_cut_file_counts_what_stands_before_the_cut(drop: Drop) -> None:
    header, *rows = ROWS.splitlines()
    many = "\n".join([header, *(f"{number};{rows[0][2:]}" for number in range(2000))]) + "\n"
    packed = gzip.compress(many.encode())
    (drop.input / "switch" / "a.txt").write_bytes(packed[: len(packed) // 2])
    report = drop.run(AS_OF)
    assert report["rejected_by_reason"] == {"BROKEN_ARCHIVE": 1}
    assert report["accepted"] == report["read"] - 1 > 100
