"""submit_sm to segments and back; receipts and MO in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.message import MessageState
from operator_push.gateway.pdu_mapping import (
    Unsendable,
    Wire,
    body_of,
    destination_of,
    inbound_of,
    is_receipt,
    offer_of,
    receipt_of,
    receipt_pdu,
    render_text,
    segment_pdu,
    submission_of,
    take_schedule,
    wire_of,
)
from operator_push.kernel.numbering import is_msisdn
from operator_push.services.open_messages import OpenMessage, OpenSegment
from operator_push.services.registry import Account
from operator_push.smpp.codec import decode_pdu
from operator_push.smpp.message_id import MessageIdForm
from operator_push.smpp.pdu import DeliverSm, SubmitSm
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


def test_our_receipt_reads_back_as_the_state_it_tells():
    message = open_message(b"", 1)
    pdu = receipt_pdu(message, MessageState.DELIVERED, 1, 1_800_000_000_000_000, 1_799_999_990_000_000)
    assert is_receipt(pdu)
    assert pdu.tlv(TlvTag.user_message_reference) == b"\0\5"
    receipt = receipt_of(pdu, MessageIdForm.TEXT)
    assert receipt is not None
    assert receipt.smsc_message_id == str(message.message_id)
    assert receipt.state is MessageState.DELIVERED
    assert receipt.recipient == MSISDN


def test_the_tlvs_of_a_receipt_beat_its_text():
    pdu = DeliverSm(
        source_addr=MSISDN,
        esm_class=0x04,
        short_message=b"id:1 sub:001 dlvrd:001 stat:DELIVRD err:000",
        tlvs=((int(TlvTag.receipted_message_id), b"ff\0"), (int(TlvTag.message_state), b"\3")),
    )
    receipt = receipt_of(pdu, MessageIdForm.HEXADECIMAL)
    assert receipt is not None
    assert (receipt.smsc_message_id, receipt.state) == ("255", MessageState.EXPIRED)


def test_a_receipt_without_id_or_state_is_none():
    assert receipt_of(DeliverSm(esm_class=0x04, short_message=b"hello"), MessageIdForm.TEXT) is None


@pytest.mark.parametrize(
    ("data_coding", "octets"), [(0, b"STOP"), (8, "STOP".encode("utf-16-be")), (3, b"STOP")]
)
def test_mo_text_is_read_in_its_coding(data_coding: int, octets: bytes):
    pdu = DeliverSm(
        source_addr="+" + MSISDN, destination_addr="56070", data_coding=data_coding, short_message=octets
    )
    inbound = inbound_of(pdu)
    assert (inbound.source, inbound.destination, inbound.text) == (MSISDN, "56070", "STOP")
    assert isinstance(decode_pdu(inbound.body), DeliverSm)


NOW_US = 1_800_000_000_000_000  # 2027-01-15T08:00:00Z


@pytest.mark.parametrize(
    ("text", "not_before_us"),
    [
        ("", 0),
        ("270115080100000+", NOW_US + 60_000_000),
        ("000000000130000R", NOW_US + 90_000_000),
        ("200101000000000+", 0),
        ("nonsense", None),
    ],
)
def test_a_schedule_is_ours_to_keep(text: str, not_before_us: int | None):
    pdu = SubmitSm(schedule_delivery_time=text, replace_if_present_flag=1)
    assert take_schedule(pdu, NOW_US) == not_before_us
    assert (pdu.schedule_delivery_time, pdu.replace_if_present_flag) == ("", 0)


def test_messages_of_different_moments_have_different_references():
    first, second = open_message(b"", 2), open_message(b"", 2)
    second.message_id += 1 << 22  # a millisecond later
    for message in (first, second):
        message.body, _, message.wire = render_text("CHAI", MSISDN, "x" * 200)
    assert segment_pdu(first, 1, 1).short_message[3] != segment_pdu(second, 1, 1).short_message[3]


def test_a_national_number_is_not_taken_for_somebody_else_s():
    assert destination_of(SubmitSm(dest_addr_ton=1, destination_addr=MSISDN)) == MSISDN
    assert not is_msisdn(destination_of(SubmitSm(dest_addr_ton=2, destination_addr="9812345678")))


def test_a_submit_without_room_for_what_we_add_is_not_taken():
    pdu = SubmitSm(
        destination_addr=MSISDN, short_message=b"x", tlvs=((0x1400, b"y" * 40_000), (0x1401, b"y" * 29_800))
    )
    wire = wire_of(pdu, 1)
    assert isinstance(wire, Wire)
    account = Account(1, "a", "esme", 1, "", True, 3, 0, (), False, 1, 1, "INR", 0)
    assert offer_of(pdu, wire, submission_of(pdu, account, 1, MSISDN, 1), 0) is None


def test_no_nul_of_a_receipt_reaches_a_database():
    pdu = DeliverSm(
        source_addr=MSISDN,
        esm_class=0x04,
        short_message=b"id:7 stat:DELIVRD err:000\0",
        tlvs=((int(TlvTag.receipted_message_id), b"a\0b\0"),),
    )
    receipt = receipt_of(pdu, MessageIdForm.TEXT)
    assert receipt is not None
    assert (receipt.smsc_message_id, receipt.error_code) == ("a", "000")
