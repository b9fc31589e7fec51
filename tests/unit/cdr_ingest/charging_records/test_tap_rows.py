"""TAP files as rows of a run."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

from cdr_ingest.formats.layouts import CDR_LAYOUT, RowKind
from cdr_ingest.reading.opening import read_rows
from cdr_ingest.reading.trial import seen_rows, try_rows
from operator_push.cdr.tap import with_events

GOLDEN = Path(__file__).parents[3] / "golden" / "tap_batch.json"
OCTETS = bytes.fromhex(json.loads(GOLDEN.read_text("utf-8"))["octets"])


def rows_of(tmp_path: Path, data: bytes) -> list[dict[str, Any]]:
    (tmp_path / "x").write_bytes(data)
    return list(seen_rows(tmp_path / "x", RowKind.CDR, None, "UTC"))


def test_every_event_is_a_row_or_a_reject(tmp_path: Path) -> None:
    for data in (OCTETS, gzip.compress(OCTETS)):
        rows = rows_of(tmp_path, data)
        assert [row.get("kind", row.get("rejected")) for row in rows] == [
            "MO_CALL", "MO_SMS", "MT_CALL", "DATA_SESSION", "UNUSED_RECORD",
        ]  # fmt: skip
        assert {row["msisdn"] for row in rows[:4]} == {"919845000001"}
        assert [row["started_at"] for row in rows[:2]] == ["2026-10-10T10:00:00Z", "2026-10-10T15:30:00Z"]
        assert (rows[0]["correspondent"], rows[0]["duration_s"], rows[0]["cell_id"]) == (
            "49301234567", "61", "100-7",
        )  # fmt: skip
        assert (rows[3]["octets_up"], rows[3]["octets_down"]) == ("54321", "123456789")
    assert try_rows(tmp_path / "x", RowKind.CDR, None, "UTC")["rejected"] == 1


def test_an_event_with_a_fault_costs_itself(tmp_path: Path) -> None:
    damaged = OCTETS.replace(b"20261010120000", b"20261310120000")
    rows = rows_of(tmp_path, damaged)
    assert [row.get("rejected") for row in rows] == [*["BAD_RECORD"] * 4, "UNUSED_RECORD"]
    assert rows[0]["detail"].startswith("octet 289: mobileOriginatedCall: time data")
    cut = rows_of(tmp_path, OCTETS[:760])
    assert [row.get("kind", row.get("rejected")) for row in cut] == ["MO_CALL", "MO_SMS", "BAD_RECORD"]


def test_any_damage_ends_in_rows_and_rejects(tmp_path: Path) -> None:
    chance = random.Random(7)
    for _ in range(60):
        data = bytearray(OCTETS)
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        (tmp_path / "x").write_bytes(data)
        for block in read_rows(tmp_path / "x", CDR_LAYOUT):
            numbers = block.table.column("line_no").to_pylist()
            assert all(block.octets_of(number) for number in numbers)


def test_events_are_read_again_by_what_stood_around_them(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(OCTETS)
    [block] = read_rows(tmp_path / "x", CDR_LAYOUT)
    events = [block.octets_of(number) for number in (2, 4)]
    again = rows_of(tmp_path, with_events(block.header, events))
    first = [row for row in rows_of(tmp_path, OCTETS) if row["line"] in (2, 4)]
    assert [row | {"line": 0} for row in again] == [row | {"line": 0} for row in first]
