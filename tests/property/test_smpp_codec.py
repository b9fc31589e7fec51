"""Laws of the codec and the framer for any PDU and any octets."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.cli.smpp_commands import decode_stream, encode_object
from operator_push.smpp.body_walk import walk_pdu
from operator_push.smpp.codec import PduDecodeError, decode_pdu, encode_pdu
from operator_push.smpp.constants import HEADER_OCTETS, PDU_OCTETS_MAX, RESPONSE_BIT, CommandStatus
from operator_push.smpp.field_specs import FIELD_SPECS, FieldKind
from operator_push.smpp.flat_form import from_flat, to_flat
from operator_push.smpp.framer import Framer
from operator_push.smpp.pdu import (
    PDU_TYPES,
    DistributionList,
    ResponsePdu,
    SmeDestination,
    UnknownPdu,
    UnsuccessSme,
)

pytestmark = pytest.mark.usefixtures("both_codecs")

octet = st.integers(0, 0xFF)
uint32 = st.integers(0, 0xFFFFFFFF)
c_octet_string = st.text(st.characters(min_codepoint=1, max_codepoint=0xFF), max_size=70)
short_octets = st.binary(max_size=255)
tlvs = st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=5).map(tuple)
sme = st.builds(SmeDestination, octet, octet, c_octet_string)
VALUES = {
    FieldKind.INTEGER_1: octet,
    FieldKind.C_OCTET_STRING: c_octet_string,
    FieldKind.SHORT_MESSAGE: short_octets,
    FieldKind.DEST_ADDRESSES: st.lists(sme | st.builds(DistributionList, c_octet_string), max_size=6).map(
        tuple
    ),
    FieldKind.UNSUCCESS_SMES: st.lists(
        st.builds(UnsuccessSme, octet, octet, c_octet_string, uint32), max_size=6
    ).map(tuple),
}
unknown_ids = uint32.filter(lambda command_id: command_id not in FIELD_SPECS)


@st.composite
def any_pdu(draw):
    command_id = draw(st.sampled_from(sorted(FIELD_SPECS)) | st.just(0))
    header = {"sequence_number": draw(uint32), "command_status": draw(uint32)}
    if not command_id:
        return UnknownPdu(**header, command_id=draw(unknown_ids), body=draw(st.binary(max_size=60)))
    pdu_type = PDU_TYPES[command_id]
    specs = FIELD_SPECS[command_id]
    if issubclass(pdu_type, ResponsePdu) and specs and draw(st.integers(0, 4)) == 0:
        return pdu_type(**header, raw_body=b"")
    values = {spec.name: draw(VALUES[spec.kind]) for spec in specs}
    return pdu_type(**header, tlvs=draw(tlvs), **values)


@st.composite
def damaged_pdu(draw):
    """A PDU of which octets were changed, cut off or added, with a command_length that fits again."""
    octets = bytearray(encode_pdu(draw(any_pdu())))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(4, len(octets) - 1))
        octets[at] = draw(octet)
    octets = octets[: draw(st.integers(HEADER_OCTETS, len(octets)))] + draw(st.binary(max_size=6))
    octets[:4] = len(octets).to_bytes(4, "big")
    return bytes(octets)


@given(pdu=any_pdu())
def test_what_is_written_reads_back(pdu):
    octets = encode_pdu(pdu)
    assert decode_pdu(octets) == pdu
    assert encode_pdu(decode_pdu(octets)) == octets


@given(pdu=any_pdu())
def test_the_flat_form_is_json_and_loses_nothing(pdu):
    flat = json.loads(json.dumps(to_flat(pdu)))
    assert from_flat(flat) == pdu
    assert encode_object(json.dumps(flat)) == encode_pdu(pdu).hex()


@given(octets=st.binary(max_size=80) | damaged_pdu())
def test_any_octets_are_a_pdu_or_a_decode_error_and_what_is_read_is_written_the_same(octets):
    try:
        pdu = decode_pdu(octets)
    except PduDecodeError as fault:
        answer = fault.answer
        assert answer is None or isinstance(answer, CommandStatus)  # both ways are right here
        assert answer is None or fault.command_id < RESPONSE_BIT  # noqa: PT017
    else:
        assert encode_pdu(pdu) == octets


@given(octets=damaged_pdu())
def test_the_made_decoders_agree_with_the_walk(octets):
    command_id = struct.unpack_from(">I", octets, 4)[0]
    if command_id in FIELD_SPECS:
        assert outcome(decode_pdu, octets) == outcome(walk_pdu, octets)


@given(octets=damaged_pdu())
def test_the_command_prints_one_object_per_damaged_pdu(octets):
    (entry,) = decode_stream(octets.hex())
    if "error" in entry:
        assert entry["answer"] is None or entry["answer"].startswith("ESME_")
    else:
        assert encode_object(json.dumps(entry)) == octets.hex()


@given(
    pdus=st.lists(any_pdu(), max_size=6),
    cuts=st.lists(st.integers(1, 64), min_size=1),
    tail=st.binary(max_size=30),
)
def test_framing_ignores_where_tcp_cuts_the_stream(pdus, cuts, tail):
    stream = b"".join(map(encode_pdu, pdus)) + tail
    whole = Framer()
    expected = whole.feed(stream)
    assert expected[: len(pdus)] == [encode_pdu(pdu) for pdu in pdus]
    framer, found, at = Framer(), [], 0
    while at < len(stream):
        step = cuts[len(found) % len(cuts)]
        found += framer.feed(stream[at : at + step])
        at += step
    assert found == expected
    assert framer.lost_length == whole.lost_length
    assert framer.waiting_octets == whole.waiting_octets <= PDU_OCTETS_MAX


def outcome(read, octets):
    try:
        return read(octets)
    except PduDecodeError as fault:
        return fault.field, fault.offset, fault.answer, str(fault)
