"""Codec, session and text: microseconds of CPU for one call (pytest-benchmark; `make bench` prints them).

The message is that of the budget table: a submit_sm of 225 octets, 160 characters, two TLVs.
"""

import pytest

from operator_push.smpp.body_walk import walk_pdu
from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.constants import CommandId, EsmClass, MessageState
from operator_push.smpp.framer import Framer
from operator_push.smpp.pdu import BindTransceiver, BindTransceiverResp, DeliverSm, SubmitSm, SubmitSmResp
from operator_push.smpp.receipt_text import parse_receipt
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.text.data_coding import Encoding
from operator_push.text.segmentation import count_segments, segment_user_data

RECEIPT = (
    b"id:7310583902146789376 sub:001 dlvrd:001 submit date:2611212112 done date:2611212113"
    b" stat:DELIVRD err:000 text:Your table for two"
)
CHUNK_PDUS = 100
SUBMIT_SM = SubmitSm(
    sequence_number=77,
    source_addr_ton=5,
    source_addr="CHAI",
    dest_addr_ton=1,
    dest_addr_npi=1,
    destination_addr="919876543210",
    registered_delivery=1,
    short_message=b"x" * 160,
    tlvs=((0x0204, b"\x12\x34"), (0x1400, b"110012")),
)
DELIVER_SM = DeliverSm(
    sequence_number=77,
    source_addr_ton=1,
    source_addr_npi=1,
    source_addr="919876543210",
    destination_addr="CHAI",
    esm_class=EsmClass.SMSC_DELIVERY_RECEIPT,
    short_message=RECEIPT,
    tlvs=((0x001E, b"7310583902146789376\0"), (0x0427, bytes((MessageState.DELIVERED,)))),
)
PDUS = {"submit_sm": SUBMIT_SM, "deliver_sm": DELIVER_SM, "submit_sm_resp": SubmitSmResp(7, message_id="42")}
submit_octets = encode_pdu(SUBMIT_SM)


def bound(role):
    session = SmppSession(role, SessionSettings(window=1_000), 0.0)
    if role is SessionRole.SMSC:
        bind = BindTransceiver(1)
        session.receive(encode_pdu(bind), 0.0)
        session.accept_bind(bind, "SMSC", 0.0)
    else:
        number = session.start_bind(BindTransceiver(), 0.0)
        answer = BindTransceiverResp(number, tlvs=((0x0210, b"\x34"),))
        session.receive(encode_pdu(answer), 0.0)
    session.take_output()
    return session


@pytest.mark.parametrize("name", PDUS)
def test_decode(benchmark, name):
    octets = encode_pdu(PDUS[name])
    assert benchmark(decode_pdu, octets) == PDUS[name]


@pytest.mark.parametrize("name", PDUS)
def test_encode(benchmark, name):
    octets = encode_pdu(PDUS[name])
    assert benchmark(encode_pdu, PDUS[name]) == octets


def test_decode_by_walking_the_table(benchmark):
    """What the made decoders save."""
    assert benchmark(walk_pdu, submit_octets) == SUBMIT_SM


def test_frame_a_chunk(benchmark):
    chunk = submit_octets * CHUNK_PDUS
    found = benchmark(lambda: Framer().feed(chunk))
    assert len(found) == CHUNK_PDUS


def test_session_receives_a_chunk_of_submit_sm(benchmark):
    """100 PDUs: frame, decode, check fields, one event each; divide by 100."""
    session = bound(SessionRole.SMSC)
    chunk = submit_octets * CHUNK_PDUS
    events = benchmark(session.receive, chunk, 1.0)
    assert len(events) == CHUNK_PDUS


def test_session_sends_and_hears_back(benchmark):
    """One submit_sm out, its response in."""
    session = bound(SessionRole.ESME)

    def round_trip():
        number = session.send_request(SUBMIT_SM, 1.0, SUBMIT_SM)
        session.take_output()
        return session.receive(encode_pdu(SubmitSmResp(number, message_id="42")), 1.0)

    (event,) = benchmark(round_trip)
    assert event.request_command_id == CommandId.submit_sm


def test_parse_receipt(benchmark):
    assert benchmark(parse_receipt, RECEIPT).stat == "DELIVRD"


def test_segment_a_long_text(benchmark):
    parts = benchmark(segment_user_data, b"x" * 459, Encoding.GSM7, 7)
    assert len(parts) == 3


def test_count_segments(benchmark):
    assert benchmark(count_segments, "Your table for two is ready at 8" * 5).segments == 1
