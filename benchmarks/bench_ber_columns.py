"""Charging records of TS 32.298 to Arrow columns, and one by one to Python records: records per second."""

import time
from collections.abc import Callable

import pytest

from cdr_ingest.ber_columns.columns import MOC, SC_SMT, RecordColumns, read_columns
from operator_push.cdr.ber import constructed, context, integer_octets, primitive
from operator_push.cdr.field_kinds import bcd_octets
from operator_push.cdr.reading import read_records, read_smsc_messages, record_places
from operator_push.cdr.smsc_message import SmscMessage
from operator_push.cdr.smsc_writing import sc_smt
from operator_push.cdr.typed_records import read_typed

RECORDS = 100_000
NOON_US = 1_793_016_000_000_000
MOMENT = bytes.fromhex("261028021607") + b"+\x02\x00"
printed: list[str] = []


def sc_smt_octets() -> bytes:
    """Records as the simulator writes them."""
    records = [
        SmscMessage(
            smsc_message_id=f"{number:08x}",
            system_id="push",
            source="MYSHOP",
            destination=f"9198{number:08}",
            user_message_reference=number % 65536,
            submit_us=NOON_US + number * 1_000_000,
            final_us=NOON_US + number * 1_000_000 + 5_000_000,
            state="DELIVERED",
            error_code=0,
            data_coding=0,
            octets=12,
        )
        for number in range(500)
    ]
    return b"".join(sc_smt(record, "919800000009", 1) for record in records) * (RECORDS // 500)


def moc_octets() -> bytes:
    """Calls with the fields that a switch writes: 22 of them, three behind tags of two octets."""
    return b"".join(_moc(number) for number in range(500)) * (RECORDS // 500)


def _moc(number: int) -> bytes:
    address = b"\x91" + bcd_octets(f"9198{number:08}")
    fields = [primitive(context(0), b"\x00"), primitive(context(1), bcd_octets(f"4044{number:011}"))]
    fields.append(primitive(context(2), bcd_octets(f"3560612{number:09}")))
    fields += [primitive(context(place), address) for place in (3, 4, 5, 6, 7, 9)]
    location = [primitive(context(0), b"\x2e\xe0"), primitive(context(1), number.to_bytes(2, "big"))]
    fields += [constructed(context(12), location), constructed(context(14), [primitive(context(3), b"\x11")])]
    fields += [primitive(context(place), MOMENT) for place in (22, 23, 24)]
    fields += [primitive(context(25), integer_octets(60 + number)), primitive(context(30), b"\x00")]
    fields += [primitive(context(place), bytes(4)) for place in (32, 33, 38)]
    return constructed(context(0), fields)


def _measured(title: str, work: Callable[[], object], records: int, rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    printed.append(f"{title}: {records / min(taken):,.0f} records/s of CPU")
    return records / min(taken)


@pytest.mark.parametrize(
    ("kind", "octets"), [(SC_SMT, sc_smt_octets), (MOC, moc_octets)], ids=["SC-SMT", "MOC"]
)
def test_columns(kind: RecordColumns, octets: Callable[[], bytes], benchmark: object) -> None:
    data = octets()
    assert read_columns(data, kind).num_rows == RECORDS
    benchmark(read_columns, data, kind)  # type: ignore[operator]
    _measured(
        f"{kind.name}, {len(data) // RECORDS} octets, to Arrow", lambda: read_columns(data, kind), RECORDS, 5
    )


def test_one_by_one(benchmark: object) -> None:
    data = sc_smt_octets()[: len(sc_smt_octets()) // 10]
    benchmark(lambda: sum(1 for _ in read_smsc_messages(data)))  # type: ignore[operator]
    _measured("sCSMTRecord as a message", lambda: list(read_smsc_messages(data)), RECORDS // 10, 3)
    _measured("sCSMTRecord as a typed record", lambda: list(read_typed(data)), RECORDS // 10, 3)
    _measured("sCSMTRecord as JSON values", lambda: list(read_records(data)), RECORDS // 10, 3)


def test_calls_one_by_one() -> None:
    data = moc_octets()[: len(moc_octets()) // 10]
    _measured("moCallRecord as a typed record", lambda: list(read_typed(data)), RECORDS // 10, 3)


@pytest.mark.parametrize("kind", ["sCSMTRecord", "moCallRecord"])
def test_beside_pycrate(kind: str) -> None:
    """The same octets decoded by pycrate, where it is installed."""
    install = ".venv/bin/pip install -c constraints.txt pycrate"
    charging = pytest.importorskip("pycrate_asn1dir.CDR", reason=install)
    whole = sc_smt_octets() if kind == "sCSMTRecord" else moc_octets()
    data = whole[: len(whole) // 100]
    room = charging.SMSChargingDataTypes if kind == "sCSMTRecord" else charging.CSChargingDataTypes
    record = room.SCSMTRecord if kind == "sCSMTRecord" else room.MOCallRecord
    tag_octets = 2 if kind == "sCSMTRecord" else 1
    bodies = [b"\x31" + data[start + tag_octets : end] for start, end in record_places(data)]

    def decode_all() -> None:
        for body in bodies:
            record.from_ber(body)

    theirs = _measured(f"{kind} by pycrate", decode_all, len(bodies), 3)
    ours = _measured(f"{kind}, the same as typed records", lambda: list(read_typed(data)), len(bodies), 3)
    printed.append(f"{kind}: {ours / theirs:.1f} times pycrate")
