"""Canaries: no number of the input is in anything that a run leaves, or holds on disk while it works."""

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ingest_drop import EVERYTHING, NOW, Drop, write_key, write_snapshot

from cdr_ingest.generate.settings import GenerateSettings
from cdr_ingest.generate.writing import generate
from cdr_ingest.ingest.run import ingest
from cdr_ingest.ingest.settings import IngestSettings
from cdr_ingest.progress import SilentProgress
from operator_push.kernel.numbering import is_msisdn

ASHA = "919845000001"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated drop with a snapshot in which everybody permits everything: the most that can leak."""
    root = tmp_path_factory.mktemp("canary")
    generate(GenerateSettings(root / "drop", 200, seed=5, days=4))
    with (root / "drop" / "subscribers.csv").open(encoding="utf-8", newline="") as file:
        numbers = dict.fromkeys(
            row["msisdn"] for row in csv.DictReader(file) if is_msisdn(row["msisdn"] or "")
        )
    write_snapshot(root / "snapshot.parquet", {m: (n, EVERYTHING) for n, m in enumerate(numbers, 1)})
    write_key(root / "key")
    return root


@pytest.fixture(scope="module")
def canaries(made: Path) -> set[str]:
    """Every MSISDN, IMSI and correspondent of the drop."""
    found = set()
    for path in (made / "drop").rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found |= {row.get(name) or "" for name in ("msisdn", "imsi", "correspondent")}
    return {text for text in found if text.isdigit() and len(text) >= 10}


def values_of(table: Any) -> Iterator[object]:
    for column in table.columns:
        dictionary = column.type if pa.types.is_dictionary(column.type) else None
        yield from (column.cast(dictionary.value_type) if dictionary else column).to_pylist()


def everything_in(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """The octets of every file; of Parquet also every value, decompressed, as text."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()
            if path.suffix == ".parquet":
                yield path, "\n".join(str(value) for value in values_of(pq.read_table(path))).encode()


def spellings(number: str) -> list[bytes]:
    """A number as text, without its country code, as swapped BCD and as 64-bit integers."""
    padded = number + "f" * (len(number) % 2)
    swapped = bytes.fromhex("".join(padded[i + 1] + padded[i] for i in range(0, len(padded), 2)))
    value = int(number)
    return [number[-10:].encode(), swapped, value.to_bytes(8, "little"), value.to_bytes(8, "big")]


def leaks(folder: Path, canaries: set[str]) -> list[str]:
    patterns = {pattern: number for number in canaries for pattern in spellings(number)}
    contents = [*everything_in(folder)]
    return [
        f"{path.name}: {number}" for path, octets in contents for p, number in patterns.items() if p in octets
    ]


class Looking(SilentProgress):
    """Looks at the out folder at every step of a run."""

    def __init__(self, out: Path, canaries: set[str]) -> None:
        self.out, self.canaries = out, canaries
        self.found: list[str] = []
        self.looks = 0

    def end(self) -> None:
        for path in self.out.rglob("*"):
            if path.is_file():
                octets = path.read_bytes()
                self.found += [path.name for number in self.canaries if number[-10:].encode() in octets]
                self.looks += 1


def test_the_search_would_find_a_number(tmp_path: Path, canaries: set[str]) -> None:
    number = min(canaries)
    pq.write_table(pa.table({"n": [int(number)]}), tmp_path / "a.parquet", compression="zstd")
    assert leaks(tmp_path, {number})


def test_no_number_is_left_and_none_was_on_disk(made: Path, canaries: set[str]) -> None:
    out = made / "out"
    looking = Looking(out, canaries)

    settings = IngestSettings(made / "drop", made / "snapshot.parquet", made / "key", out)
    report = ingest(settings, NOW, lambda: 0.0, looking)
    assert report["accepted"] > 4_000
    assert len(canaries) > 800
    assert looking.looks
    assert looking.found == []
    assert leaks(out, canaries) == []


def test_the_program_prints_no_number(made: Path, canaries: set[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "cdr_ingest.cli", "run", "--json", "--input", str(made / "drop")]
    command += ["--snapshot", str(made / "snapshot.parquet"), "--key-file", str(made / "key")]
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "out")], capture_output=True, check=True, text=True
    )
    # Content hashes are the only long digits there.
    assert not [number for number in canaries if number[-10:] in done.stdout + done.stderr]


@pytest.mark.parametrize(
    "row",
    [
        f"{ASHA},MO_CALL,{ASHA},{ASHA},{ASHA},{ASHA},{ASHA},{ASHA},{ASHA}",
        f"{ASHA};MO_CALL;{ASHA};919845111111",
        f"r,MO_CALL,98450 00001,{ASHA[:6]} {ASHA[6:]},x,60,,,",
        f'r,MO_CALL,"{ASHA}',
        f"r,{ASHA}\0,\udc80",
        f"r,MO_CALL,{ASHA[:6]}x{ASHA[6:]},919845111111,2026-10-10T12:00:00+05:30,60,,,",
    ],
)
def test_no_reject_tells_a_number(tmp_path: Path, row: str) -> None:
    drop = Drop(tmp_path, {})
    drop.cdrs("placeholder")
    path = drop.input / "cdr" / "a.csv"
    path.write_bytes(path.read_bytes().replace(b"placeholder", row.encode(errors="surrogateescape")))
    assert drop.run()["rejected"] == 1
    shown = "".join(filter(str.isdigit, (drop.out / "rejects.csv").read_text()))
    assert "45000001" not in shown
