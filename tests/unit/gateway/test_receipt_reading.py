"""What else a receipt says: sender, the id in its text, the submit date on the SMSC's clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from operator_push.gateway.receipt_reading import explain_receipt
from operator_push.kernel.instants import to_epoch_us
from operator_push.smpp.pdu import DataSm, DeliverSm
from operator_push.smpp.tlv import TlvTag

TEXT = b"id:77 sub:001 dlvrd:001 submit date:2701151330 done date:2701151331 stat:DELIVRD err:000 text:"


def test_the_dates_are_those_of_the_smscs_zone():
    pdu = DeliverSm(source_addr="919812345678", destination_addr="CHAI", short_message=TEXT)
    sender, text_id, submitted_us = explain_receipt(pdu, ZoneInfo("Asia/Kolkata"))
    assert (sender, text_id) == ("CHAI", "77")
    assert submitted_us == to_epoch_us(datetime(2027, 1, 15, 8, 0, tzinfo=UTC))
    assert explain_receipt(pdu, UTC)[2] == to_epoch_us(datetime(2027, 1, 15, 13, 30, tzinfo=UTC))


def test_a_data_sm_receipt_is_read_from_its_payload():
    payload = (int(TlvTag.message_payload), TEXT)
    assert explain_receipt(DataSm(destination_addr="CHAI", tlvs=(payload,)), UTC)[1] == "77"


def test_what_is_not_told_is_left_empty():
    assert explain_receipt(DeliverSm(destination_addr="CHAI"), UTC) == ("CHAI", "", 0)
    broken = TEXT.replace(b"2701151330", b"9999999999")
    assert explain_receipt(DeliverSm(short_message=broken), UTC)[2] == 0
    assert explain_receipt(None, UTC) == ("", "", 0)
