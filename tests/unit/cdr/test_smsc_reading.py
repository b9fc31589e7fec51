"""SMSC records: what is written as SC-SMO and SC-SMT is read as the same message, to the second."""

import msgspec
import pytest
from cdr_samples import NOON_US, check_place, sample, smsc_message
from hypothesis import given
from hypothesis import strategies as some

from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.file_32297 import FileHeader, Release, write_file
from operator_push.cdr.reading import is_records, read_smsc_messages
from operator_push.cdr.smsc_message import STATUS_OF_STATE, Charge, SmscMessage, state_of_status
from operator_push.cdr.smsc_writing import sc_smo, sc_smt

NODE = "19990000001"
seconds = some.integers(1_600_000_000, 4_000_000_000).map(lambda second: second * 1_000_000)
words = some.text("abcXYZ019", min_size=1, max_size=20)
messages = some.builds(
    SmscMessage,
    smsc_message_id=some.text("0123456789abcdef", min_size=1, max_size=16),
    system_id=words,
    source=some.text("0123456789AB ", min_size=1, max_size=14),
    destination=some.text("0123456789", min_size=1, max_size=15),
    user_message_reference=some.integers(-1, 65535),
    submit_us=seconds,
    final_us=seconds,
    state=some.sampled_from(sorted(STATUS_OF_STATE)),
    error_code=some.integers(0, 255),
    data_coding=some.integers(0, 255),
    octets=some.integers(0, 70_000),
    concat=some.none()
    | some.tuples(some.just(0), some.integers(2, 255), some.just(0))
    | some.tuples(some.integers(0, 65535), some.integers(1, 255), some.integers(1, 255)),
    charge=some.none()
    | some.builds(
        Charge,
        account=words,
        currency=some.just("INR"),
        amount_micros=some.integers(0, 2**60),
        tariff_version=some.integers(0, 9),
        submission_id=some.integers(0, 2**62),
        segment_no=some.integers(0, 255),
        segments=some.integers(1, 255),
    ),
)


@given(messages)
def test_a_message_comes_back(message: SmscMessage) -> None:
    submission, delivery = sc_smo(message, NODE, 1), sc_smt(message, NODE, 2)
    read = list(read_smsc_messages(submission + b"\xff" + delivery))
    assert read[1] == message
    as_submitted = {"final_us": 0, "state": "", "error_code": 0, "is_delivery": False}
    assert read[0] == msgspec.structs.replace(message, **as_submitted)


def test_files_and_bare_records_read_alike() -> None:
    records = [sc_smt(smsc_message(smsc_message_id=f"m{number}"), NODE, number) for number in range(3)]
    header = FileHeader(Release(16, 0), Release(16, 0), 0, 0, 0, 1)
    file, bare = write_file(header, records), b"".join(records)
    assert list(read_smsc_messages(file)) == list(read_smsc_messages(bare))
    assert is_records(file)
    assert is_records(bare)
    assert not is_records(b"smsc_message_id,system_id\n" * 20)


def test_parts_of_a_second_are_left_out() -> None:
    (read,) = read_smsc_messages(sc_smt(smsc_message(submit_us=NOON_US + 999_999), NODE, 1))
    assert read.submit_us == NOON_US


def test_reserved_statuses_count_as_failed() -> None:
    assert state_of_status(0x7F) == "UNDELIVERABLE"
    assert state_of_status(0x30) == "UNKNOWN"
    for state, status in STATUS_OF_STATE.items():
        assert state_of_status(status) == state


def test_the_samples_name_sender_recipient_and_end() -> None:
    octets = sample("generated_scsmt_500.ber")
    if octets is None:
        pytest.skip("shared/data/cdr is not here; install it beside the project or set SHARED_DATA")
    read = list(read_smsc_messages(octets))
    assert len(read) == 500
    first = read[0]
    assert (first.source, first.destination, first.smsc_message_id) == ("MYBANK", "251918034063", "00000000")
    assert first.concat == (42, 2, 1)
    assert first.user_message_reference == -1


OCTETS = sc_smt(smsc_message(concat=(3, 2, 1)), NODE, 1)


@given(some.integers(0, len(OCTETS) - 1), some.integers(0, 255))
def test_mutations_end_in_a_message_or_a_cdr_error(place: int, octet: int) -> None:
    broken = bytearray(OCTETS)
    broken[place] = octet
    try:
        list(read_smsc_messages(bytes(broken)))
    except CdrError as error:
        check_place(error, len(OCTETS))


def test_a_record_without_a_recipient_is_named() -> None:
    with pytest.raises(CdrError, match=r"octet \d, sCSMTRecord.recipientInfo: an SC-SMT record names no rec"):
        list(read_smsc_messages(b"\xbf\x5e\x03\x80\x01\x5e"))


def test_a_state_without_a_status_is_refused() -> None:
    with pytest.raises(ValueError, match="state 'ENROUTE' is not one of"):
        sc_smt(smsc_message(state="ENROUTE"), NODE, 1)
