"""submit_sm and texts to segments."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.gateway.message_cutting import (
    AS_STORED,
    Unsendable,
    Wire,
    leaves_as_it_came,
    render_text,
    segment_body,
    segment_pdu,
    wire_of,
)
from operator_push.gateway.pdu_mapping import body_of
from operator_push.services.open_messages import OpenMessage, OpenSegment
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import SubmitSm
from operator_push.smpp.tlv import TlvTag

UDHI = 0x40
MSISDN = "919812345678"


def open_message(body: bytes, segment_count: int, wire: object = None) -> OpenMessage:
    segments = [OpenSegment(number) for number in range(1, segment_count + 1)]
    return OpenMessage(
        382646408391426048, 1, 1, 1, 0, 1, 0, 1, 1, "CHAI", MSISDN, segment_count, 1, 1, 1, 5, 0, body,
        segments, wire,
    )  # fmt: skip


def test_a_short_message_is_one_segment_as_it_came():
    wire = wire_of(SubmitSm(short_message=b"x" * 160), 1)
    assert isinstance(wire, Wire)
    assert wire.segments == [b"x" * 160]


@pytest.mark.parametrize(("octets", "segments"), [(161, 2), (306, 2), (307, 3)])
def test_a_long_payload_is_billed_by_the_segments_that_it_becomes(octets: int, segments: int):
    pdu = SubmitSm(tlvs=((int(TlvTag.message_payload), b"x" * octets),))
    wire = wire_of(pdu, 0x1234)
    assert isinstance(wire, Wire)
    assert len(wire.segments) == segments
    assert {part[:4] for part in wire.segments} == {bytes((5, 0, 3, 0x34))}


def test_a_part_with_a_header_of_its_own_stays_as_it_is():
    part = bytes((5, 0, 3, 9, 2, 1)) + b"y" * 153
    wire = wire_of(SubmitSm(esm_class=UDHI, short_message=part), 1)
    assert isinstance(wire, Wire)
    assert wire.segments == [part]


@pytest.mark.parametrize("message", [b"", bytes((9, 0, 3)), bytes((5, 0, 3, 9, 2, 1)) + b"y" * 154])
def test_a_header_that_does_not_fit_is_unsendable(message: bytes):
    assert isinstance(wire_of(SubmitSm(esm_class=UDHI, short_message=message), 1), Unsendable)


def test_a_text_of_more_than_255_segments_is_unsendable_and_raises_nothing():
    pdu = SubmitSm(tlvs=((int(TlvTag.message_payload), b"x" * 65_535),))
    assert isinstance(wire_of(pdu, 1), Unsendable)


def test_a_segment_carries_our_key_asks_for_a_receipt_and_drops_the_client_s_key():
    pdu = SubmitSm(
        source_addr="CHAI",
        destination_addr="+91 98123 45678",
        short_message=b"hi",
        tlvs=((int(TlvTag.user_message_reference), b"\0\5"), (0x1400, b"vendor")),
    )
    message = open_message(body_of(pdu), 1)
    sent = segment_pdu(message, 1, 777)
    assert sent.tlv(TlvTag.user_message_reference) == (777).to_bytes(2, "big")
    assert sent.tlv(0x1400) == b"vendor"
    assert sent.registered_delivery == 1
    assert sent.destination_addr == MSISDN


@given(st.text(alphabet="abc €^{}ßà😀तुर", min_size=1, max_size=400))
def test_a_restart_cuts_the_same_octets(text: str):
    body, count, wire = render_text("CHAI", MSISDN, text)
    first, again = open_message(body, count, wire), open_message(body, count)
    parts = [segment_pdu(first, number, 1).short_message for number in range(1, count + 1)]
    assert parts == [segment_pdu(again, number, 1).short_message for number in range(1, count + 1)]


def test_messages_of_different_moments_have_different_references():
    first, second = open_message(b"", 2), open_message(b"", 2)
    second.message_id += 1 << 22  # a millisecond later
    for message in (first, second):
        message.body, _, message.wire = render_text("CHAI", MSISDN, "x" * 200)
    assert segment_pdu(first, 1, 1).short_message[3] != segment_pdu(second, 1, 1).short_message[3]


def test_what_leaves_as_it_came_is_what_the_pdu_would_be():
    came = SubmitSm(
        4711, service_type="CMT", source_addr="CHAI", destination_addr=MSISDN, validity_period="",
        registered_delivery=1, data_coding=0, protocol_id=3, priority_flag=1, short_message=b"hello",
    )  # fmt: skip
    wire = wire_of(came, 1)
    assert isinstance(wire, Wire)
    assert leaves_as_it_came(came, wire)
    stored, cut = open_message(encode_pdu(came), 1), open_message(encode_pdu(came), 1)
    stored.wire = AS_STORED
    assert segment_body(stored, 1, 777) == segment_body(cut, 1, 777)
    assert segment_body(cut, 1, 777) == encode_pdu(segment_pdu(cut, 1, 777))[16:]


@pytest.mark.parametrize(
    "changes",
    [
        {"registered_delivery": 0},
        {"registered_delivery": 2},
        {"tlvs": ((0x0204, b"\0\1"),)},
        {"short_message": b"x" * 200},
    ],
)
def test_what_needs_a_change_does_not_leave_as_it_came(changes: dict[str, object]):
    came = SubmitSm(
        1, source_addr="CHAI", destination_addr=MSISDN, registered_delivery=1, short_message=b"hello"
    )
    came = msgspec.structs.replace(came, **changes)
    wire = wire_of(came, 1)
    assert isinstance(wire, Wire)
    assert not leaves_as_it_came(came, wire)
