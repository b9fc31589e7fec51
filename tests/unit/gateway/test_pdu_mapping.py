"""submit_sm to submission; receipts and MO in."""

import pytest

from operator_push.domain.message import MessageState, TrafficClass
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.cut_plan import ConcatReferences
from operator_push.gateway.message_cutting import Wire
from operator_push.gateway.pdu_mapping import (
    body_of,
    destination_of,
    expires_us_of,
    inbound_of,
    is_receipt,
    offer_of,
    receipt_of,
    submission_of,
    take_schedule,
    take_validity,
)
from operator_push.gateway.receipt_octets import receipt_octets
from operator_push.kernel.numbering import is_msisdn
from operator_push.services.open_messages import OpenMessage, OpenSegment
from operator_push.services.registry import Account
from operator_push.smpp.codec import decode_pdu
from operator_push.smpp.pdu import DataSm, DeliverSm, SubmitSm
from operator_push.smpp.tlv import TlvTag
from operator_push.text.link_text import DefaultAlphabet

MSISDN = "919812345678"


def open_message(body: bytes, segment_count: int, wire: object = None) -> OpenMessage:
    segments = [OpenSegment(number) for number in range(1, segment_count + 1)]
    return OpenMessage(
        382646408391426048, 1, 1, 1, 0, 1, 0, 1, 1, "CHAI", MSISDN, segment_count, 1, 1, 1, 5, 0, body,
        segments, wire,
    )  # fmt: skip


def test_our_receipt_reads_back_as_the_state_it_tells():
    message = open_message(b"", 1)
    pdu = decode_pdu(receipt_octets(message, MessageState.DELIVERED, 1, 1_800_000_000_000_000))
    assert isinstance(pdu, DeliverSm)
    assert is_receipt(pdu)
    assert pdu.tlv(TlvTag.user_message_reference) == b"\0\5"
    receipt = receipt_of(pdu)
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
    receipt = receipt_of(pdu)
    assert receipt is not None
    assert (receipt.smsc_message_id, receipt.state) == ("ff", MessageState.EXPIRED)


def test_a_receipt_is_one_too_where_only_its_id_tlv_says_so():
    pdu = DeliverSm(source_addr=MSISDN, tlvs=((int(TlvTag.receipted_message_id), b"ff\0"),))
    assert is_receipt(pdu)
    assert not is_receipt(DeliverSm(source_addr=MSISDN, short_message=b"id:1 stat:DELIVRD"))


def test_a_receipt_without_an_id_is_known_by_our_key():
    tlvs = ((int(TlvTag.user_message_reference), b"\0\7"), (int(TlvTag.message_state), b"\2"))
    receipt = receipt_of(DataSm(source_addr=MSISDN, esm_class=0x04, tlvs=tlvs))
    assert receipt is not None
    assert (receipt.smsc_message_id, receipt.user_message_reference) == ("", 7)


def test_a_receipt_without_id_or_state_is_none():
    assert receipt_of(DeliverSm(esm_class=0x04, short_message=b"hello")) is None


@pytest.mark.parametrize(
    ("data_coding", "octets"), [(0, b"STOP"), (8, "STOP".encode("utf-16-be")), (3, b"STOP")]
)
def test_mo_text_is_read_in_its_coding(data_coding: int, octets: bytes):
    pdu = DeliverSm(
        source_addr="+" + MSISDN, destination_addr="56070", data_coding=data_coding, short_message=octets
    )
    inbound = inbound_of(pdu, DefaultAlphabet.GSM7)
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
    pdu = SubmitSm(schedule_delivery_time=text)
    assert take_schedule(pdu, NOW_US) == not_before_us
    assert pdu.schedule_delivery_time == ""


def test_a_national_number_is_not_taken_for_somebody_else_s():
    assert destination_of(SubmitSm(dest_addr_ton=1, destination_addr=MSISDN)) == MSISDN
    assert not is_msisdn(destination_of(SubmitSm(dest_addr_ton=2, destination_addr="9812345678")))


def test_a_submit_without_room_for_what_we_add_is_not_taken():
    pdu = SubmitSm(
        destination_addr=MSISDN, short_message=b"x", tlvs=((0x1400, b"y" * 40_000), (0x1401, b"y" * 29_800))
    )
    wire = MessageCutter(lambda *asked: None, ConcatReferences()).wire_of(pdu, MSISDN, 1, 3, NOW_US)
    assert isinstance(wire, Wire)
    account = Account(1, "a", "esme", 1, "", True, 3, 0, (), False, 1, 1, "INR", 0)
    assert offer_of(pdu, wire, submission_of(pdu, account, TrafficClass.PROMOTIONAL, 1, MSISDN, 1), 0) is None


def test_no_nul_of_a_receipt_reaches_a_database():
    pdu = DeliverSm(
        source_addr=MSISDN,
        esm_class=0x04,
        short_message=b"id:7 stat:DELIVRD err:000\0",
        tlvs=((int(TlvTag.receipted_message_id), b"a\0b\0"),),
    )
    receipt = receipt_of(pdu)
    assert receipt is not None
    assert (receipt.smsc_message_id, receipt.error_code) == ("a", "000")


@pytest.mark.parametrize(
    "written",
    [
        DeliverSm(
            esm_class=0x04, data_coding=8, short_message="id:7 stat:UNDELIV err:034".encode("utf-16-be")
        ),
        DeliverSm(esm_class=0x44, short_message=b"\x03\x24\x01\x01id:7 stat:UNDELIV err:034"),
        DeliverSm(esm_class=0x04, short_message=b"id:7 stat:UNDELIV", tlvs=((0x0423, b"\3\0\x22"),)),
        DataSm(esm_class=0x04, tlvs=((0x001E, b"7\0"), (0x0427, b"\5"), (0x0423, b"\3\0\x22"))),
    ],
    ids=["UCS-2", "user data header", "network_error_code", "TLVs alone"],
)
def test_a_receipt_is_read_however_it_is_wrapped(written: DeliverSm | DataSm):
    receipt = receipt_of(written)
    assert receipt is not None
    assert receipt.smsc_message_id == "7"
    assert (receipt.state, receipt.error_code) == (MessageState.UNDELIVERABLE, "034")


@pytest.mark.parametrize(
    ("text", "not_before_us", "ends_us", "sent"),
    [
        ("", 0, 0, ""),
        ("270115080100000+", 0, NOW_US + 60_000_000, "270115080100000+"),
        ("000000000130000R", 0, NOW_US + 90_000_000, "270115080130000+"),
        ("000000000130000R", NOW_US + 90_000_000, None, "000000000130000R"),
        ("991231235959000R", 0, 4_102_444_799_000_000, "991231235959000+"),
        ("200101000000000+", 0, None, "200101000000000+"),
        ("nonsense", 0, None, "nonsense"),
    ],
    ids=["none", "absolute", "relative", "over before it may leave", "over a century", "over", "no time"],
)
def test_a_validity_is_kept_as_its_end(text: str, not_before_us: int, ends_us: int | None, sent: str):
    pdu = SubmitSm(validity_period=text)
    assert take_validity(pdu, NOW_US, not_before_us) == ends_us
    assert pdu.validity_period == sent
    if ends_us is not None:
        assert expires_us_of(body_of(pdu)) == ends_us


def test_a_stored_body_that_cannot_be_read_stops_no_start():
    assert expires_us_of(b"body") == 0


def test_a_period_that_was_stored_as_one_ends_nothing():
    assert expires_us_of(body_of(SubmitSm(validity_period="000000000130000R"))) == 0
