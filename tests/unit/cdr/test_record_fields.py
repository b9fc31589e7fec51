"""Record fields: any order, unknown tags kept, and errors that name the field and the octet."""

import pytest
from cdr_samples import check_place, smsc_message
from hypothesis import given
from hypothesis import strategies as some

from operator_push.cdr import ber
from operator_push.cdr.ber import Tlv, context
from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.record_fields import CdrRecord, read_record, write_record
from operator_push.cdr.smsc_writing import sc_smo, sc_smt

OCTETS = sc_smt(smsc_message(error_code=27, concat=(7, 3, 2)), "19990000001", 5)


def read(octets: bytes) -> CdrRecord:
    return read_record(ber.decode(octets)[0])


@given(some.randoms(use_true_random=False))
def test_fields_may_stand_in_any_order(random: object) -> None:
    element = ber.decode(OCTETS)[0]
    inside = list(element.value)
    random.shuffle(inside)  # type: ignore[attr-defined]
    assert read(ber.encode(Tlv(element.tag, tuple(inside)))) == read(OCTETS)


def test_unknown_and_repeated_fields_are_kept_and_written_again() -> None:
    element = ber.decode(OCTETS)[0]
    strange = (Tlv(context(99), b"\x05"), Tlv(context(26), b"\x07"), Tlv(3 << 28 | 40, (Tlv(4, b"x"),)))
    record = read(ber.encode(Tlv(element.tag, (*element.value, *strange))))
    assert record.fields["localSequenceNumber"] == 5
    assert [each["tag"] for each in record.fields["unknown"]] == ["[99]", "[26]", "[PRIVATE 40]"]  # type: ignore[attr-defined]
    assert read(write_record(record)) == record


def test_a_record_of_another_kind_is_kept_whole() -> None:
    octets = ber.primitive(context(60), b"abc")
    record = read(octets)
    assert record.name == ""
    assert write_record(record) == octets


def test_an_error_names_field_and_octet() -> None:
    place = OCTETS.index(ber.primitive(context(5), b"")[:1] + b"\x09")
    broken = OCTETS[: place + 2] + b"\x99\x99" + OCTETS[place + 4 :]
    with pytest.raises(CdrError, match=rf"octet {place}, sCSMTRecord.submissionTime: ") as told:
        read(broken)
    assert told.value.offset == place
    assert "a.cdr: octet" in str(told.value.in_file("a.cdr"))


@given(some.integers(0, len(OCTETS) - 1), some.integers(0, 255), some.integers(0, 8))
def test_mutations_end_in_a_record_or_a_cdr_error(place: int, octet: int, cut: int) -> None:
    broken = bytearray(OCTETS)
    broken[place] = octet
    try:
        record = read(bytes(broken[: len(broken) - cut]))
    except CdrError as error:
        check_place(error, len(OCTETS))
    else:
        assert read(write_record(record)) == record


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"recordTyp": 1}, "has no field recordTyp"),
        ({"recordType": "sCSXRecord"}, "is none of"),
        ({"recipientInfo": "x"}, "is not an object of fields"),
        ({"recordExtensions": 5}, "is not a list"),
    ],
)
def test_what_cannot_be_written_is_named(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write_record(CdrRecord("sCSMTRecord", fields))


def test_a_submission_has_its_fields() -> None:
    fields = read(sc_smo(smsc_message(), "19990000001", 5)).fields
    assert fields["sMMessageType"] == "submission"
    assert fields["sMSNodeAddress"] == {"ton": 1, "npi": 1, "digits": "19990000001"}
