"""CDR files: periods by name, quoting, and nothing half written under a closed name."""

import csv
from collections import deque
from types import SimpleNamespace

import pytest

from operator_push.smpp.pdu import SubmitSm
from operator_push.smpp.tlv import TlvTag
from smsc_sim.cdr_files import HEADER, CdrFiles

START_US = 1_795_297_105_000_000


def message(identifier, source="56070", reference=7, **fields):
    return SimpleNamespace(
        smsc_message_id=identifier,
        account=SimpleNamespace(system_id="shop"),
        pdu=SubmitSm(source_addr=source, destination_addr="919876543210", short_message=b"hello", **fields),
        user_message_reference=reference,
        submit_us=START_US + 1,
    )


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_period_is_open_until_it_is_closed_and_then_complete(tmp_path):
    files = CdrFiles(tmp_path / "cdr", True, START_US)
    files.write(message("1"), START_US + 2_000_000, "DELIVERED", 0)
    files.flush()
    [being_written] = (tmp_path / "cdr").iterdir()
    assert being_written.name == "smsc_cdr_20261121T213825Z_1.csv.open"
    closed = files.close_period(START_US + 3_000_000)
    assert closed.name == "smsc_cdr_20261121T213825Z_1.csv"
    files.write(message("2"), START_US + 4_000_000, "EXPIRED", 27)
    last = files.close()
    assert last.name == "smsc_cdr_20261121T213828Z_2.csv"
    assert sorted(path.name for path in (tmp_path / "cdr").iterdir()) == [closed.name, last.name]
    assert rows(closed) == [
        {
            "smsc_message_id": "1",
            "system_id": "shop",
            "source_addr": "56070",
            "destination_addr": "919876543210",
            "user_message_reference": "7",
            "submit_time": "2026-11-21T21:38:25.000001Z",
            "final_time": "2026-11-21T21:38:27.000000Z",
            "state": "DELIVERED",
            "error_code": "0",
            "data_coding": "0",
            "octets": "5",
            "concat_reference": "",
            "concat_total": "",
            "concat_part": "",
        }
    ]
    assert [row["state"] for row in rows(last)] == ["EXPIRED"]


def test_a_field_with_commas_and_quotes_survives(tmp_path):
    files = CdrFiles(tmp_path, True, START_US)
    odd = 'Chai, "Point"\né'
    files.write(message("1", source=odd, reference=None), START_US, "DELIVERED", 0)
    [row] = rows(files.close())
    assert row["source_addr"] == odd
    assert row["user_message_reference"] == ""


def test_references_are_left_out_where_they_are_not_echoed(tmp_path):
    files = CdrFiles(tmp_path, False, START_US)
    files.write(message("1"), START_US, "DELIVERED", 0)
    assert rows(files.close())[0]["user_message_reference"] == ""


def test_a_message_payload_counts_as_octets(tmp_path):
    files = CdrFiles(tmp_path, True, START_US)
    long = message("1", tlvs=((0x0424, b"x" * 300),))
    long.pdu.short_message = b""
    files.write(long, START_US, "DELIVERED", 0)
    assert rows(files.close())[0]["octets"] == "300"


def test_two_periods_in_one_second_have_different_names(tmp_path):
    files = CdrFiles(tmp_path, True, START_US)
    names = {files.close_period(START_US).name for _ in range(3)}
    assert len(names) == 3


def test_an_empty_period_is_a_header(tmp_path):
    assert CdrFiles(tmp_path, True, START_US).close().read_text() == HEADER


def test_without_a_folder_nothing_is_written_and_rows_are_counted():
    files = CdrFiles(None, True, START_US)
    files.write(message("1"), START_US, "DELIVERED", 0)
    assert files.rows_written == 1
    assert files.close() is None


def test_a_tail_goes_on_over_periods(tmp_path):
    files = CdrFiles(tmp_path / "cdr", True, START_US)
    tail = deque(maxlen=10)
    files.keep_tail(tail)
    files.write(message("1"), START_US, "DELIVERED", 0)
    files.close_period(START_US + 1_000_000)
    files.write(message("2"), START_US, "DELIVERED", 0)
    files.close()
    assert [row.partition(",")[0] for row in tail if row != HEADER] == ["1", "2"]


def test_a_tail_is_kept_without_a_folder():
    files = CdrFiles(None, True, START_US)
    tail = deque(maxlen=10)
    files.keep_tail(tail)
    files.write(message("1"), START_US, "DELIVERED", 0)
    files.close_period(START_US + 1_000_000)
    files.write(message("2"), START_US, "DELIVERED", 0)
    files.flush()
    assert len(tail) == 2
    assert (files.rows_written, files.rows_in_period) == (2, 1)


@pytest.mark.parametrize(
    ("text", "data_coding", "total"),
    [(b"x" * 400, 0, "3"), (b"x" * 160, 0, ""), ("\u0939".encode("utf-16-be") * 71, 8, "2")],
)
def test_a_text_that_came_whole_tells_its_segments_on_the_air(tmp_path, text, data_coding, total):
    files = CdrFiles(tmp_path / "cdr", True, START_US)
    whole = SimpleNamespace(
        smsc_message_id="1",
        account=SimpleNamespace(system_id="shop"),
        pdu=SubmitSm(
            source_addr="56070",
            destination_addr="919876543210",
            data_coding=data_coding,
            tlvs=((int(TlvTag.message_payload), text),),
        ),
        user_message_reference=7,
        submit_us=START_US + 1,
    )
    files.write(whole, START_US + 2, "DELIVERED", 0)
    [row] = rows(files.close())
    assert (row["concat_reference"], row["concat_total"], row["concat_part"]) == ("", total, "")
    assert row["octets"] == str(len(text))


def test_rows_that_nobody_keeps_are_counted_and_not_made():
    files = CdrFiles(None, True, START_US, is_read=False)
    files.write(message("1"), START_US + 1, "DELIVERED", 0)
    assert (files.rows_written, files.unflushed_rows()) == (1, ())
    files.close_period(START_US + 2)
    files.write(message("2"), START_US + 3, "DELIVERED", 0)
    files.keep_tail(deque())
    files.write(message("3"), START_US + 4, "DELIVERED", 0)
    assert files.rows_written == 3
    assert [row.partition(",")[0] for row in files.unflushed_rows()] == ["3"]
