"""Canaries in every kind of input: no number, code or name of a person is in anything that a run leaves.

Beside `test_run_leaves_no_number`, which looks for all numbers of a generated set: here every format is read,
right and wrong, and what people are called is looked for, too.
"""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from charging_samples import ASHA, AT, BINA, file_of, mo_call
from confluent_kafka import Producer
from ingest_drop import EVERYTHING, NOW, Drop
from trigger_stream import NOW_US, TriggerStream

from cdr_ingest.collection.collector import Collector, NamedSource
from cdr_ingest.collection.config import SourceConfig
from cdr_ingest.collection.folder import WatchedFolder
from cdr_ingest.collection.sources import open_source
from cdr_ingest.features_option import ALL
from cdr_ingest.generate.records import TOP_UP_COLUMNS
from cdr_ingest.ingest.out_folder import OutFolder
from cdr_ingest.progress import SilentProgress
from cdr_ingest.store.file_ledger import FileLedger
from cdr_ingest.triggers.watching import StreamSource, Watching
from operator_push.kernel.instants import iso, to_epoch_us

TAP = Path(__file__).parents[3] / "golden" / "tap_batch.json"
IMSI, IMEI, WRONG = "404987316402859", "350999991234567", "919845000777"
CODES = ("ACC-4711-0815", "KUNDE-990077")
NAMES = ("Canaria", "Serinus", "Fringillidae")
NUMBERS = (ASHA, BINA, IMSI, WRONG, "49301234567", "919845111222")
HEADER = (
    "msisdn,imsi,activated_on,birth_year,language,plan,prepaid,device_os,account_code,customer_code,"
    "device_tac,name"
)
PERSON = f"{IMSI},2025-01-01,1990,hi,Talk 99,true,android,{CODES[0]},{CODES[1]},{IMEI},{NAMES[0]} {NAMES[1]}"
LDIF = """dn: cn={0} {1},ou=people
cn: {0} {1}
msisdn: {2}
imsi: {3}
activationDate: 2025-01-01
tariffPlan: Talk 99
paymentType: {4}
accountCode: ACC-4711-0815

dn: cn={0}
{0} {1} has the number {2}
"""
PARTY = {
    "givenName": NAMES[0],
    "familyName": NAMES[1],
    "contactMedium": [{"characteristic": {"phoneNumber": f"+{ASHA}"}}],
    "partyCharacteristic": [
        {"name": "imsi", "value": IMSI},
        {"name": "activatedOn", "value": "2025-01-01"},
        {"name": "plan", "value": "Talk 99"},
        {"name": "prepaid", "value": "perhaps"},
    ],
}
MAPPING = """name = "lines"
kind = "cdr"
files = ["cdr/*.jsonl"]
same_record = ["kind", "correspondent"]
[text]
form = "jsonl"
[fields]
kind = { value = "MO_SMS" }
msisdn = { from = "from.number" }
correspondent = { from = "to" }
started_at = { from = "at", date = "iso" }
"""


def plant(drop: Drop) -> None:
    """Every kind of input, each with rows that are right and rows that are wrong."""
    lines = {
        "subscribers.csv": [
            HEADER,
            f"{ASHA},{PERSON}",
            f"{WRONG}7777,{PERSON}",
            f"{NAMES[2]},{PERSON}",
            f"{ASHA},{NAMES[2]}",
        ],
        "subscribers/delta/2026-10-05.csv": [
            "msisdn,status,changed_at,language",
            f"{BINA},recycled,2026-10-05T00:00:00Z,",
            f"{ASHA},,2026-10-05T00:00:00Z,{NAMES[2]} {ASHA}",
        ],
        "topups/a.csv": [
            "record_id,msisdn,topped_up_at,amount_rupees,channel",
            f"{ASHA},{ASHA},2026-10-10T12:00:00Z,5,x",
            f"t2,{ASHA},2026-10-10T12:00:00Z,{NAMES[2]},{BINA}",
        ],
        "cdr/a.jsonl": [
            json.dumps({"from": {"number": ASHA, "name": NAMES[0]}, "to": BINA, "at": AT}),
            json.dumps({"from": {"number": NAMES[2]}, "to": BINA, "at": NAMES[1]}),
            f"{NAMES[2]} {ASHA}",
        ],
        "cdr/a.csv": [
            "record_id,kind,msisdn,correspondent,started_at,duration_s,octets_up,octets_down,cell_id",
            f"{ASHA},MO_CALL,{ASHA},919845111222,{AT},60,,,",
            f"r2,{NAMES[2]},{ASHA},{BINA},x,,,,",
        ],
    }
    texts = {name: "\n".join(each) + "\n" for name, each in lines.items()} | {
        "subscribers/2026-10-02.ldif": LDIF.format(*NAMES[:2], ASHA, IMSI, "prepaid"),
        "subscribers/2026-10-03.ldif": LDIF.format(*NAMES[:2], ASHA, IMSI, NAMES[2]),
        "subscribers/2026-10-04.json": json.dumps([PARTY, [NAMES[2], ASHA]], indent=1),
        "mappings/lines.toml": MAPPING,
    }
    octets = {
        "cdr/a.ber": mo_call() + mo_call(7) + b"\xa0\x05" + NAMES[2].encode(),
        "cdr/a.dat": file_of([mo_call(8), mo_call(9, msisdn=BINA)]),
        "cdr/a.tap": bytes.fromhex(json.loads(TAP.read_text())["octets"]),
        "cdr/latin.csv": b"\xff" + NAMES[2].encode("utf-16") + ASHA.encode(),
    } | {name: text.encode() for name, text in texts.items()}
    for name, content in octets.items():
        path = drop.input / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def spellings(number: str) -> Iterator[bytes]:
    """A number as text, without its country, as swapped BCD of both nibbles' orders and as integers."""
    yield number[-10:].encode()
    yield number[-10:].encode("utf-16-le")
    for digits in (number, number[-10:]):
        padded = digits + "f" * (len(digits) % 2)
        yield bytes.fromhex("".join(padded[at + 1] + padded[at] for at in range(0, len(padded), 2)))
        yield bytes.fromhex(padded)
    for width in (6, 8):  # SQLite keeps such a number in six octets
        for order in ("little", "big"):
            yield int(number).to_bytes(width + (int(number) >= 1 << 48) * 2, order)  # type: ignore[arg-type]


PATTERNS = {
    **{pattern: number for number in NUMBERS for pattern in spellings(number)},
    **{name.encode(coding): name for name in (*NAMES, *CODES, IMEI) for coding in ("utf-8", "utf-16-le")},
}


def told_in(path: Path, octets: bytes) -> list[str]:
    return [f"{path.name}: {canary}" for pattern, canary in PATTERNS.items() if pattern in octets]


def values(table: Any) -> bytes:
    return "\n".join(str(value) for column in table.columns for value in column.to_pylist()).encode()


def leaks(folder: Path) -> list[str]:
    """What is told by any file below a folder: its octets, and of databases and Parquet every value."""
    found: list[str] = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        found += told_in(path, path.read_bytes())
        if path.suffix == ".parquet":
            found += told_in(path, values(pq.read_table(path)))
        if path.name == "ingest.db":
            with sqlite3.connect(path) as database:
                found += told_in(path, "\n".join(database.iterdump()).encode())
    return found


class Looking(SilentProgress):
    """Looks at everything that is on the disk at every step of a run."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.found: list[str] = []

    def end(self) -> None:
        self.found += leaks(self.out)


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    drop = Drop(tmp_path, {ASHA: (1, EVERYTHING), BINA: (2, EVERYTHING)})
    plant(drop)
    return drop


def test_the_search_would_find_each(tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": [int(ASHA)], "t": [CODES[0]]}), tmp_path / "a.parquet", compression="zstd")
    (tmp_path / "log").write_bytes(bytes.fromhex("198954000010") + NAMES[0].encode())
    assert {line.partition(": ")[2] for line in leaks(tmp_path)} == {ASHA, CODES[0], NAMES[0]}


def test_nothing_that_a_run_leaves_names_anybody(drop: Drop) -> None:
    looking = Looking(drop.out)
    report = drop.run(progress=looking, features=(ALL,))
    by_kind = {name: (each["accepted"] > 0, each["rejected"] > 0) for name, each in report["by_kind"].items()}
    assert by_kind == dict.fromkeys(("subscriber", "cdr", "top_up"), (True, True))
    assert {one["file"] for one in report["files"] if one["accepted"]} >= {
        "cdr/a.ber", "cdr/a.csv", "cdr/a.dat", "cdr/a.jsonl", "cdr/a.tap", "subscribers/2026-10-02.ldif",
    }  # fmt: skip
    assert report["owner_changes"] == 1
    assert looking.found == []
    assert leaks(drop.out) == []
    assert drop.replay()["rejected"] == report["rejected"]
    assert leaks(drop.out) == []


def test_nothing_that_collecting_and_triggers_leave_of_a_topic_names_anybody(tmp_path: Path) -> None:
    stream = TriggerStream(tmp_path, people={ASHA: (1, EVERYTHING)})
    producer = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "none", "log_level": 0})
    [broker] = producer.list_topics(timeout=30).brokers.values()
    options = {"servers": f"{broker.host}:{broker.port}", "topic": "recharges", "suffix": ".csv"}
    rows = [f"{CODES[0]},{ASHA},{iso(NOW_US)},100,{NAMES[0]}", f"{CODES[1]},{WRONG},never,1,{NAMES[1]}"]
    for row in (",".join(TOP_UP_COLUMNS), *rows):
        producer.produce("recharges", key=ASHA.encode(), value=row.encode(), partition=0)
    assert producer.flush(10) == 0
    source = open_source(SourceConfig("kafka", "kafka", "topups", options))
    watching = Watching(stream.config(), [StreamSource("kafka", source, "topups")], NOW_US)
    assert watching.look(NOW_US).rows == 2
    assert leaks(stream.folder / "out") == []  # while it works
    watching.close()
    assert [trigger for trigger, _, _ in stream.told()] == ["top_up"]
    with FileLedger(stream.folder / "out" / "ingest.db") as ledger:
        Collector(tmp_path / "landing", ledger, [NamedSource("kafka", source, "topups")]).collect(NOW_US)
    source.close()
    [landed] = (tmp_path / "landing" / "topups").iterdir()
    assert ASHA in landed.read_text()
    assert leaks(stream.folder / "out") == []


def test_nothing_that_a_collection_leaves_beside_its_files_names_anybody(drop: Drop, tmp_path: Path) -> None:
    source = WatchedFolder({"path": str(drop.input / "cdr")})
    out = OutFolder(tmp_path / "out")
    out.root.mkdir()
    with FileLedger(out.ledger) as ledger:
        collector = Collector(tmp_path / "landing", ledger, [NamedSource("med", source, "cdr")])
        collector.collect(to_epoch_us(NOW) + 10**14)
    assert [*(tmp_path / "landing" / "cdr").iterdir()]
    assert leaks(out.root) == []
