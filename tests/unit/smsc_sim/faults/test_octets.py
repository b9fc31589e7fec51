"""Octets: one PDU with something changed or broken in it."""

import pytest

from operator_push.smpp.codec import PduDecodeError, decode_pdu, encode_pdu
from operator_push.smpp.framer import Framer
from operator_push.smpp.pdu import DeliverSm, EnquireLinkResp, SubmitSmResp
from smsc_sim.faults import octets as change

TLVS = ((0x001E, b"42\0"), (0x0427, b"\x02"))
DELIVER = encode_pdu(
    DeliverSm(7, source_addr="919876543210", destination_addr="56070", short_message=b"hello", tlvs=TLVS)
)
RESPONSE = encode_pdu(SubmitSmResp(9, message_id="42"))


def test_the_header_is_read():
    assert (change.command_id_of(RESPONSE), change.sequence_number_of(RESPONSE)) == (0x80000004, 9)


def test_a_status_takes_the_body_away():
    pdu = decode_pdu(change.with_status(RESPONSE, 0x58))
    assert (pdu.command_status, pdu.sequence_number, pdu.message_id) == (0x58, 9, "")


@pytest.mark.parametrize(
    ("number", "by", "expected"), [(9, 1, 10), (9, -1, 8), (0x7FFFFFFF, 1, 1), (1, -1, 0x7FFFFFFF)]
)
def test_another_sequence_number(number, by, expected):
    octets = encode_pdu(SubmitSmResp(number, message_id="42"))
    assert decode_pdu(change.with_sequence(octets, by)).sequence_number == expected


def test_another_message_id_where_there_is_one():
    assert decode_pdu(change.with_message_id(RESPONSE, "2a")).message_id == "2a"
    refused = change.with_status(RESPONSE, 8)
    assert change.with_message_id(refused, "2a") == refused
    assert change.with_message_id(DELIVER, "2a") == DELIVER


def test_one_tlv_more_and_some_less():
    more = decode_pdu(change.with_tlv(DELIVER, 0x1400, b"\x01\x02"))
    assert more.tlvs == (*TLVS, (0x1400, b"\x01\x02"))
    assert decode_pdu(change.without_tlvs(DELIVER, frozenset({0x001E}))).tlvs == TLVS[1:]
    bare = encode_pdu(EnquireLinkResp(3))
    assert change.with_tlv(bare, 0x1400, b"x") == bare
    refused = change.with_status(RESPONSE, 8)
    assert change.without_tlvs(refused, frozenset({0x001E})) == refused


def test_an_unknown_pdu_is_a_whole_one():
    pdu = decode_pdu(change.unknown_pdu(0x00010200, 5, b"abc"))
    assert (pdu.command_id, pdu.sequence_number, pdu.body) == (0x00010200, 5, b"abc")


@pytest.mark.parametrize(
    ("form", "by", "length"),
    [("short", 3, len(DELIVER) - 3), ("long", 3, len(DELIVER) + 3), ("huge", 1, 0x7FFFFFFF), ("tiny", 1, 8)],
)
def test_a_wrong_command_length_changes_nothing_else(form, by, length):
    broken = change.with_bad_length(DELIVER, form, by)
    assert int.from_bytes(broken[:4], "big") == length
    assert broken[4:] == DELIVER[4:]


@pytest.mark.parametrize("form", ["truncated", "tlv_length", "trailing"])
def test_a_body_that_does_not_end_where_it_should_keeps_the_framing(form):
    broken = change.with_bad_length(DELIVER, form, 3)
    assert Framer().feed(broken + RESPONSE) == [broken, RESPONSE]
    with pytest.raises(PduDecodeError):
        decode_pdu(broken)


def test_sm_length_off_by_one():
    plain = encode_pdu(DeliverSm(7, source_addr="919876543210", short_message=b"hello"))
    broken = change.with_bad_length(plain, "sm_length", 1)
    assert len(broken) == len(plain)
    assert [at for at in range(len(plain)) if plain[at] != broken[at]] == [plain.index(b"\x05hello")]
    with pytest.raises(PduDecodeError):
        decode_pdu(broken)
    assert change.with_bad_length(RESPONSE, "sm_length", 1) == RESPONSE
