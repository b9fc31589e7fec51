"""CSV mappings: another house's columns, times, states and ids, and what a wrong mapping is told."""

import pytest

from operator_push.domain.message import MessageState
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso
from operator_push.services.smsc_csv_mapping import TimeForm, moment_reader, read_mapped_csv, read_mapping

MAPPING = """
delimiter = ";"
skip_lines = 1
ids = "hex_to_decimal"
[columns]
smsc_message_id = "MSGID"
destination_addr = "B-NUMBER"
submit_time = "IN"
final_time = "OUT"
state = "ST"
[constants]
system_id = "push"
[times]
form = "%d/%m/%Y %H:%M:%S"
zone = "Asia/Kolkata"
[states]
DELIVRD = "DELIVERED"
"""
HEADER = "MSGID;B-NUMBER;IN;OUT;ST"


def read(*lines: str):
    return list(read_mapped_csv(["# of Sunday", HEADER, *lines], "a.csv", read_mapping(MAPPING, "m.toml")))


def test_a_row_becomes_a_record() -> None:
    (found,) = read("ff;+919812345678;01/11/2026 05:30:00;01/11/2026 05:30:09;DELIVRD")
    assert found.smsc_message_id == "255"
    assert found.system_id == "push"
    assert found.destination == "919812345678"
    assert found.submit_us == parse_iso("2026-11-01T00:00:00Z")
    assert found.final_us - found.submit_us == 9_000_000
    assert found.state is MessageState.DELIVERED
    assert found.user_message_reference == -1


def test_columns_may_be_numbers() -> None:
    mapping = read_mapping(
        "header = false\n[columns]\nsmsc_message_id = 2\ndestination_addr = 1\nsubmit_time = 3\nstate = 4\n"
        '[times]\nform = "unix_s"\n',
        "m.toml",
    )
    (found,) = read_mapped_csv(["91981,m1,1793000000,EXPIRED"], "a.csv", mapping)
    assert (found.smsc_message_id, found.submit_us) == ("m1", 1_793_000_000_000_000)
    assert found.final_us == found.submit_us


@pytest.mark.parametrize(
    ("form", "text"),
    [("iso", "2026-11-01T02:00:00+02:00"), ("iso", "2026-11-01T05:30:00"), ("unix_ms", "1793491200000")],
)
def test_times_of_every_form(form: str, text: str) -> None:
    assert moment_reader(TimeForm(form, "Asia/Kolkata"))(text) == parse_iso("2026-11-01T00:00:00Z")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ff;1;01/11/2026 05:30:00;;SENT", "a.csv:3: state 'SENT' is none of DELIVRD, DELIVERED"),
        ("ff;1;yesterday;;DELIVRD", "a.csv:3: time data 'yesterday'"),
        ("xx;1;01/11/2026 05:30:00;;DELIVRD", "a.csv:3: invalid literal"),
        ("ff;1", "a.csv:3: has 2 fields"),
    ],
)
def test_a_row_that_cannot_be_read_stops_the_proof(line: str, words: str) -> None:
    with pytest.raises(OperatorError, match=words):
        read(line)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[columns]", "[columns", "is not a CSV mapping"),
        ("skip_lines", "skip", "unknown field"),
        ('state = "ST"', "", "columns: lacks state"),
        ("final_time", "end_time", "end_time is none of"),
        ("Asia/Kolkata", "Mars/Base", "'Mars/Base' is not a zone"),
        ('"DELIVERED"', '"DONE"', "states: DONE is none of"),
        ("skip_lines = 1", "header = false", "columns are numbers"),
    ],
)
def test_a_wrong_mapping_is_told_what_is_allowed(old: str, new: str, words: str) -> None:
    with pytest.raises(OperatorError, match=words):
        read_mapping(MAPPING.replace(old, new), "m.toml")


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(OperatorError, match=r"no column 'MSGID' \(for smsc_message_id\)"):
        list(read_mapped_csv(["#", "A;B"], "a.csv", read_mapping(MAPPING, "m.toml")))
