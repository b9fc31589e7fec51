"""TS 32.297 files of the simulator: what they say is what the CSV of the same run says, to the second."""

import csv
from pathlib import Path
from types import SimpleNamespace

from operator_push.cdr.file_32297 import read_file_header, time_text
from operator_push.cdr.reading import read_records, read_smsc_messages
from operator_push.smpp.pdu import SubmitSm
from smsc_sim.cdr_files import CdrFiles
from smsc_sim.cdr_record_files import CdrRecordFiles

START_US = 1_795_297_105_000_000


def message(identifier, source="56070", reference=7, **fields):
    fields.setdefault("short_message", b"hello")
    return SimpleNamespace(
        smsc_message_id=identifier,
        account=SimpleNamespace(system_id="shop"),
        pdu=SubmitSm(source_addr=source, destination_addr="919876543210", **fields),
        user_message_reference=reference,
        submit_us=START_US + 1,
    )


def both(folder: Path) -> CdrFiles:
    return CdrFiles(folder, True, START_US, CdrRecordFiles(folder, "19990000001", START_US))


def test_both_forms_say_the_same(tmp_path: Path) -> None:
    files = both(tmp_path)
    part = b"\x05\x00\x03\x2a\x03\x02hello"
    files.write(message("1"), START_US + 2_000_000, "DELIVERED", 0)
    files.write(message("2", reference=None), START_US + 4_000_000, "EXPIRED", 27)
    files.write(message("3", esm_class=0x40, short_message=part), START_US, "UNKNOWN", 0)
    assert files.close().suffix == ".csv"
    (path,) = tmp_path.glob("*.cdr")
    with next(tmp_path.glob("*.csv")).open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    read = [found for found in read_smsc_messages(path.read_bytes()) if found.is_delivery]
    assert [
        (
            found.smsc_message_id,
            found.system_id,
            found.source,
            found.destination,
            "" if found.user_message_reference < 0 else str(found.user_message_reference),
            found.state,
            str(found.error_code),
            str(found.octets),
            "" if found.concat is None else str(found.concat[0]),
        )
        for found in read
    ] == [tuple(row[name] for name in NAMES) for row in rows]
    assert read[2].concat == (42, 3, 2)
    assert read[0].final_us == START_US + 2_000_000


NAMES = (
    "smsc_message_id",
    "system_id",
    "source_addr",
    "destination_addr",
    "user_message_reference",
    "state",
    "error_code",
    "octets",
    "concat_reference",
)


def test_a_period_is_open_until_it_is_closed_and_its_header_then_tells_what_it_holds(tmp_path: Path) -> None:
    files = CdrFiles(
        tmp_path, True, START_US, CdrRecordFiles(tmp_path, "19990000001", START_US), writes_csv=False
    )
    files.write(message("1"), START_US + 60_000_000, "DELIVERED", 0)
    files.flush()
    (open_file,) = tmp_path.iterdir()
    assert open_file.name == "smsc_cdr_20261121T213825Z_1.cdr.open"
    closed = files.close_period(START_US + 61_000_000)
    assert closed.name == "smsc_cdr_20261121T213825Z_1.cdr"
    data = closed.read_bytes()
    header = read_file_header(data)
    assert (header.cdr_count, header.sequence_number, header.file_length) == (2, 1, len(data))
    assert (time_text(header.opened), time_text(header.appended)) == (
        "11-21T21:38+00:00",
        "11-21T21:39+00:00",
    )
    assert [record.name for record in read_records(data)] == ["sCSMORecord", "sCSMTRecord"]
    last = files.close()
    assert read_file_header(last.read_bytes()).sequence_number == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [closed.name, last.name]


def test_local_sequence_numbers_have_no_gap_over_periods(tmp_path: Path) -> None:
    files = both(tmp_path)
    for number in range(4):
        files.write(message(str(number)), START_US, "DELIVERED", 0)
        files.close_period(START_US + number)
    files.close()
    numbers = [
        record.fields["localSequenceNumber"]
        for path in sorted(tmp_path.glob("*.cdr"), key=lambda path: int(path.stem.rpartition("_")[2]))
        for record in read_records(path.read_bytes())
    ]
    assert numbers == list(range(1, 9))
