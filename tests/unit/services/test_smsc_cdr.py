"""CDR files of the SMSC: what is read, and that nothing unreadable is passed over."""

import pytest

from operator_push.domain.message import MessageState
from operator_push.kernel.errors import OperatorError
from operator_push.services.smsc_cdr import SMSC_CDR_COLUMNS, SmscRecord, read_smsc_cdr

HEADER = ",".join(SMSC_CDR_COLUMNS)
ROW = (
    "5001,operator,56070,+919812345678,7,2026-11-21T10:00:00.000001Z,2026-11-21T10:00:01.500000Z,"
    "{},27,0,12,,,"
)


def read(*lines: str) -> list[SmscRecord]:
    return list(read_smsc_cdr([HEADER, *lines], "period.csv"))


def test_a_row_becomes_a_record() -> None:
    (found,) = read(ROW.format("DELIVERED"))
    assert found.smsc_message_id == "5001"
    assert found.destination == "919812345678"
    assert found.user_message_reference == 7
    assert found.final_us - found.submit_us == 1_499_999
    assert found.state is MessageState.DELIVERED
    assert found.error_code == "27"


def test_an_accepted_end_counts_as_delivered_and_an_unknown_one_stays_unknown() -> None:
    assert [found.state for found in read(ROW.format("ACCEPTED"), ROW.format("UNKNOWN"))] == [
        MessageState.DELIVERED,
        MessageState.UNKNOWN,
    ]


def test_a_missing_key_is_told_apart_from_key_0() -> None:
    row = ROW.format("DELIVERED")
    references = [
        found.user_message_reference for found in read(row.replace(",7,", ",,"), row.replace(",7,", ",0,"))
    ]
    assert references == [-1, 0]


def test_ids_are_read_in_our_form() -> None:
    found = list(read_smsc_cdr([HEADER, ROW.format("DELIVERED")], "period.csv", lambda text: text.zfill(8)))
    assert found[0].smsc_message_id == "00005001"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (ROW.format("DELIVRD"), "state 'DELIVRD' is not one of DELIVERED"),
        (ROW.format("DELIVERED")[:40], "has 6 fields, not 14"),
        (ROW.format("DELIVERED").replace(",7,", ",seven,"), "seven"),
        (ROW.format("DELIVERED").replace("2026-11-21T10:00:00.000001Z", "yesterday"), "yesterday"),
        (ROW.format("DELIVERED").replace("10:00:00.000001Z", "10:00:00"), "has no zone"),
    ],
)
def test_a_row_that_cannot_be_read_stops_the_proof_with_its_line(line: str, words: str) -> None:
    with pytest.raises(OperatorError) as caught:
        read(ROW.format("DELIVERED"), line)
    assert "period.csv:3" in str(caught.value)
    assert words in str(caught.value)


def test_another_file_is_not_taken_for_a_cdr_file() -> None:
    with pytest.raises(OperatorError, match="lacks smsc_message_id"):
        list(read_smsc_cdr(["msisdn,brand"], "consents.csv"))
