"""Charging records as rows: every kind, every frame, and what damage costs."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
from charging_samples import (
    ASHA,
    AT,
    BINA,
    MOMENT,
    address,
    file_of,
    mo_call,
    mt_call,
    octets,
    p_gateway,
    place,
    record,
    volumes,
)

from cdr_ingest.formats.layouts import CDR_LAYOUT, RowKind
from cdr_ingest.reading.opening import read_rows
from cdr_ingest.reading.trial import seen_rows, try_rows
from operator_push.cdr.ber import constructed, context
from operator_push.text.gsm7 import encode_gsm7, pack_septets

SENDER = constructed(context(3), [constructed(context(2), [octets(1, b"MYBANK")])])
PERSON = constructed(context(2), [octets(1, address(ASHA))])
RECIPIENTS = constructed(context(3), [b"\x30\x09" + octets(1, address(BINA))])
SECONDS = octets(15, b"\5")
NAME = pack_septets(encode_gsm7("MAREA"))
WHO, WHEN = octets(3, address(ASHA)), octets(9, MOMENT)
KINDS: dict[str, tuple[bytes, dict[str, str]]] = {
    "moCallRecord": (
        mo_call(),
        {"kind": "MO_CALL", "correspondent": "9811111111", "duration_s": "60", "cell_id": "100-7"},
    ),
    "mtCallRecord": (
        mt_call(), {"kind": "MT_CALL", "correspondent": BINA, "duration_s": "61", "cell_id": "100-7"},
    ),
    "roamingRecord": (
        record(2, 2, octets(2, address(ASHA)), octets(3, address(BINA)), octets(13, MOMENT), SECONDS),
        {"kind": "MT_CALL", "correspondent": BINA, "duration_s": "5"},
    ),
    "moSMSRecord": (
        record(6, 6, WHO, place(7), WHEN, octets(12, b"\x0c" + address(BINA))),
        {"kind": "MO_SMS", "correspondent": BINA, "cell_id": "100-7"},
    ),
    "moSMSRecord to a name": (
        record(6, 6, WHO, WHEN, octets(12, b"\x09\xd0" + NAME)),
        {"kind": "MO_SMS", "correspondent": "MAREA"},
    ),
    "mtSMSRecord": (
        record(7, 7, octets(4, address(ASHA)), octets(8, MOMENT)),
        {"kind": "MT_SMS", "correspondent": "unknown"},
    ),
    "sCSMORecord": (
        record(93, 93, PERSON, RECIPIENTS, octets(5, MOMENT)), {"kind": "MO_SMS", "correspondent": BINA},
    ),
    "sCSMTRecord": (
        record(94, 94, PERSON, SENDER, octets(6, MOMENT), octets(18, b"\0")),
        {"kind": "MT_SMS", "correspondent": "MYBANK"},
    ),
    "sCSMOT4Record": (
        record(111, 111, PERSON, SENDER, octets(5, MOMENT)), {"kind": "MO_SMS", "correspondent": "MYBANK"},
    ),
    "iSMSMORecord": (
        record(112, 112, PERSON, RECIPIENTS, octets(5, MOMENT)), {"kind": "MO_SMS", "correspondent": BINA},
    ),
    "iSMSMTRecord": (
        record(113, 113, PERSON, SENDER, octets(19, MOMENT)), {"kind": "MT_SMS", "correspondent": "MYBANK"},
    ),
    "sgsnPDPRecord": (
        record(20, 18, octets(27, address(ASHA)), octets(8, b"\0\x64"), octets(9, b"\0\x07"),
               constructed(context(15), volumes((5, 6))), octets(16, MOMENT), octets(17, b"\x09")),
        {"kind": "DATA_SESSION", "octets_up": "5", "octets_down": "6", "cell_id": "100-7"},
    ),
    "sGWRecord": (
        record(78, 84, octets(22, address(ASHA)), constructed(context(12), volumes((5, 6))),
               octets(13, MOMENT), octets(14, b"\x09"), octets(32, bytes.fromhex("0104f44500640007"))),
        {"kind": "DATA_SESSION", "octets_up": "5", "octets_down": "6", "cell_id": "100-7"},
    ),
    "pGWRecord": (
        p_gateway(), {"kind": "DATA_SESSION", "octets_up": "11", "octets_down": "202", "cell_id": "100-4660"},
    ),
}  # fmt: skip


def rows_of(tmp_path: Path, data: bytes) -> list[dict[str, Any]]:
    (tmp_path / "x").write_bytes(data)
    return list(seen_rows(tmp_path / "x", RowKind.CDR, None, "UTC"))


def outline(rows: list[dict[str, Any]]) -> list[str]:
    """The duration, or the reason of the reject, of every row."""
    return [row.get("rejected") or row["duration_s"] for row in rows]


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_record_is_a_row(tmp_path: Path, name: str) -> None:
    octets_of_record, expected = KINDS[name]
    [row] = rows_of(tmp_path, octets_of_record)
    assert {key: row[key] for key in expected} == expected
    assert (row["msisdn"], row["started_at"]) == (ASHA, AT)
    result = try_rows(tmp_path / "x", RowKind.CDR, None, "UTC")
    assert (result["read"], result["good"]) == (1, 1), result


@pytest.mark.parametrize(
    ("field", "column", "value"),
    [
        (constructed(context(12), [octets(2, bytes.fromhex("04f454"))]), "network", "404-45"),
        (constructed(context(12), [octets(2, bytes.fromhex("130062"))]), "network", "310-260"),
        (constructed(context(12), [octets(2, bytes.fromhex("1a0062"))]), "network", ""),
        (octets(2, bytes.fromhex("5300100121436587")), "device_tac", "35000110"),
        (octets(2, bytes.fromhex("53f010")), "device_tac", ""),
    ],
)
def test_a_network_and_a_device_are_read_and_cost_no_record_where_they_cannot_be(
    tmp_path: Path, field: bytes, column: str, value: str
) -> None:
    call = record(0, 0, WHO, octets(5, address(BINA)), octets(23, MOMENT), octets(25, b"\5"), field)
    [row] = rows_of(tmp_path, call)
    assert (row.get("rejected"), row[column]) == (None, value)


def test_the_network_of_a_location_stands_for_one_that_is_not_told(tmp_path: Path) -> None:
    [row] = rows_of(tmp_path, p_gateway())
    assert row["network"] == "404-54"


RECORDS = [mo_call(n, f"91984500{n:04d}", indefinite=n % 5 == 0) if n % 3 else mt_call() for n in range(60)]
DURATIONS = [str(n) if n % 3 else "61" for n in range(60)]


@pytest.mark.parametrize(
    "data",
    [
        b"".join(RECORDS),
        b"\xff" * 7 + b"".join(one + bytes(n % 4) + b"\xff" * (n % 3) for n, one in enumerate(RECORDS)),
        file_of(RECORDS),
        gzip.compress(b"".join(RECORDS)),
        gzip.compress(file_of(RECORDS)),
    ],
    ids=["bare", "fillers", "TS 32.297", "gzip", "gzip of TS 32.297"],
)
def test_every_frame_gives_the_same_rows(tmp_path: Path, data: bytes) -> None:
    rows = rows_of(tmp_path, data)
    assert outline(rows) == DURATIONS
    assert [row["line"] for row in rows] == [*range(1, 61)]
    # However small the pieces are in which the stream is read.
    for piece in (100, 999):
        blocks = list(read_rows(tmp_path / "x", CDR_LAYOUT, block_octets=piece))
        found = {
            number: seconds
            for block in blocks
            for number, seconds in zip(
                block.table.column("line_no").to_pylist(), block.table.column("duration_s").to_pylist(),
                strict=True,
            )
        }  # fmt: skip
        assert [str(found[number]) for number in sorted(found)] == DURATIONS
        octets_of = {number: block.octets_of(number) for block in blocks
                     for number in block.table.column("line_no").to_pylist()}  # fmt: skip
        assert octets_of[2] == RECORDS[1]


def test_records_of_no_use_are_rejects_with_their_name_and_octets(tmp_path: Path) -> None:
    gateway, unknown = record(3, 3, octets(2, address(BINA))), constructed(context(60), [octets(0, b"x")])
    failed = record(94, 94, PERSON, SENDER, octets(6, MOMENT), octets(18, b"\x46"))
    rows = rows_of(tmp_path, mo_call() + gateway + unknown + failed + mo_call())
    assert outline(rows) == ["60", *["UNUSED_RECORD"] * 3, "60"]
    assert [row.get("detail") for row in rows[1:4]] == [
        "incGatewayRecord", "[60]", "sCSMTRecord: the message did not arrive",
    ]  # fmt: skip
    [block] = read_rows(tmp_path / "x", CDR_LAYOUT)
    assert block.broken[0].octets == gateway


DAMAGE = {
    "a wrong time": (lambda r: r.replace(MOMENT, b"\xaa" + MOMENT[1:]), 1),
    "a length that is too short": (lambda r: r[:1] + bytes((r[1] - 3,)) + r[2:], None),
    "a length that swallows others": (lambda r: r[:1] + b"\x82\x01\x40" + r[2:], None),
    "a length of nearly everything": (lambda r: r[:1] + b"\x84\x7f\xff\xff\xff" + r[2:], None),
    "a wrong tag": (lambda r: b"\x30" + r[1:], 1),
    "a hole": (lambda r: r[:20] + r[40:], None),
    "text": (lambda r: b"this is no record at all, but a note", 1),
}


@pytest.mark.parametrize("name", DAMAGE)
@pytest.mark.parametrize("framed", [False, True], ids=["bare", "TS 32.297"])
def test_a_damaged_record_costs_itself(tmp_path: Path, name: str, framed: bool) -> None:
    damage, _ = DAMAGE[name]
    records = [mo_call(n, f"91984500{n:04d}") for n in range(1, 30)]
    records[9] = damage(records[9])
    rows = rows_of(tmp_path, file_of(records) if framed else b"".join(records))
    good = [row["duration_s"] for row in rows if "rejected" not in row]
    assert good == [str(n) for n in range(1, 30) if n != 10]
    bad = [row for row in rows if "rejected" in row]
    assert {row["rejected"] for row in bad} == {"BAD_RECORD"}
    assert 1 <= len(bad) <= 2
    assert "octet" in bad[0]["detail"]


def test_what_is_cut_off_is_a_reject(tmp_path: Path) -> None:
    records = [mo_call(n) for n in range(1, 6)]
    for data in (b"".join(records), file_of(records)):
        rows = rows_of(tmp_path, data[:-10])
        assert outline(rows)[:5] == ["1", "2", "3", "4", "BAD_RECORD"]
    assert "BROKEN_ARCHIVE" in outline(rows_of(tmp_path, gzip.compress(b"".join(records) * 200)[:-20]))


def test_a_file_that_says_another_number_of_records_is_told(tmp_path: Path) -> None:
    data = bytearray(file_of([mo_call(1), mo_call(2)]))
    data[21] = 9
    rows = rows_of(tmp_path, bytes(data))
    assert outline(rows) == ["1", "2", "BAD_RECORD"]
    assert rows[2]["detail"].endswith("the file's header says 9 records, it has 2")


def test_any_damage_ends_in_rows_and_rejects(tmp_path: Path) -> None:
    chance = random.Random(7)
    whole = [b"".join(RECORDS[:20]), file_of(RECORDS[:20])]
    for turn in range(60):
        data = bytearray(whole[turn % 2])
        for _ in range(chance.randrange(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        (tmp_path / "x").write_bytes(data)
        blocks = list(read_rows(tmp_path / "x", CDR_LAYOUT))
        numbers = [n for block in blocks for n in block.table.column("line_no").to_pylist()]
        numbers += [row.line_no for block in blocks for row in block.broken]
        assert len(set(numbers)) == len(numbers)


def test_national_numbers_of_subscribers_are_no_numbers_of_elsewhere(tmp_path: Path) -> None:
    national = record(1, 1, octets(3, address("9845000001", 0xA1)), octets(20, MOMENT), octets(22, b"\x01"))
    rows_of(tmp_path, national)
    result = try_rows(tmp_path / "x", RowKind.CDR, None, "UTC")
    assert result["rejected_by_reason"] == {"BAD_NUMBER": 1}


def test_golden_records_are_rows_or_rejects(tmp_path: Path) -> None:
    golden = json.loads((Path(__file__).parents[3] / "golden" / "cdr_records_r16.json").read_text())
    data = b"".join(bytes.fromhex(case["octets"]) for case in golden)
    rows = rows_of(tmp_path, data)
    assert len(rows) == len(golden)
    reasons = [row.get("rejected") for row in rows]
    assert "BAD_RECORD" not in reasons, [row.get("detail") for row in rows]


def test_integers_of_eight_octets_are_volumes(tmp_path: Path) -> None:
    large = constructed(context(12), volumes((2**40, 2**41)))
    session = record(78, 84, octets(22, address(ASHA)), octets(13, MOMENT), large, octets(14, b"\5"))
    [row] = rows_of(tmp_path, session)
    assert (row["octets_up"], row["octets_down"]) == (str(2**40), str(2**41))
