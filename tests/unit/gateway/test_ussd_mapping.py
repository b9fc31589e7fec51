"""USSD: what leaves is a notify of one segment, also after a restart, and nothing else is taken."""

import pytest

from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.cut_plan import ConcatReferences
from operator_push.gateway.message_cutting import Unsendable, Wire, segment_pdu
from operator_push.gateway.ussd_mapping import channel_of
from operator_push.services.open_messages import OpenMessage, new_segments
from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.pdu import SubmitSm
from operator_push.smpp.tlv import TlvTag
from operator_push.text.link_text import LinkText
from operator_push.text.segmentation import LongMessages, SegmentOptions

MSISDN = "919812345678"
NOW_US = 1_800_000_000_000_000
OP = int(TlvTag.ussd_service_op)
LONG = "x" * 182  # an SMS of it would be two segments
WHOLE_LINK = LinkText(options=SegmentOptions(method=LongMessages.PAYLOAD))


def cutter() -> MessageCutter:
    return MessageCutter(lambda *asked: WHOLE_LINK, ConcatReferences())


def submit(**more: object) -> SubmitSm:
    asked: dict[str, object] = {"service_type": "USSD", "source_addr": "CHAI", "destination_addr": MSISDN}
    return SubmitSm(**(asked | {"short_message": b"hi"} | more))  # type: ignore[arg-type]


def test_a_text_for_the_screen_leaves_as_one_notify_also_after_a_restart() -> None:
    body, count, wire, whole = cutter().render_ussd("CHAI", MSISDN, LONG, 1, 3, NOW_US)
    assert (count, whole) == (1, False)
    message = OpenMessage(
        382646408391426048, 1, 1, 1, 0, 1, 0, 3, 1, "CHAI", MSISDN, 1, 1, 1, 1, -1, 0, body,
        new_segments(1, is_whole=False), wire,
    )  # fmt: skip
    first = segment_pdu(message, 1, 777)
    message.wire = None
    for sent in (first, segment_pdu(message, 1, 777)):
        assert (sent.service_type, sent.tlv(OP)) == ("USSD", b"\x03")
        assert sent.short_message == LONG.encode()
        assert sent.tlv(TlvTag.user_message_reference) == (777).to_bytes(2, "big")
        assert decode_pdu(encode_pdu(sent)) == sent


def test_what_cannot_be_shown_at_once_is_not_cut() -> None:
    with pytest.raises(ValueError, match="at most 182"):
        cutter().render_ussd("CHAI", MSISDN, LONG + "x", 1, 3, NOW_US)
    with pytest.raises(ValueError, match="at most 80"):
        cutter().render_ussd("CHAI", MSISDN, "ж" * 81, 1, 3, NOW_US)


@pytest.mark.parametrize(
    ("pdu", "problem"),
    [
        (submit(), ""),
        (submit(tlvs=((OP, b"\x03"),)), ""),
        (submit(tlvs=((OP, b"\x02"),)), "ussd_service_op 02"),
        (submit(esm_class=0x40, short_message=b"\x00hi"), "one segment"),
        (submit(tlvs=((int(TlvTag.sar_total_segments), b"\x02"),)), "one segment"),
        (submit(data_coding=4), "no text"),
    ],
)
def test_an_esmes_own_is_taken_where_it_asks_for_a_notify(pdu: SubmitSm, problem: str) -> None:
    wire = cutter().wire_of(pdu, MSISDN, 1, 1, NOW_US)
    if problem:
        assert isinstance(wire, Unsendable)
        assert problem in wire.detail
    else:
        assert isinstance(wire, Wire)
        assert [value for tag, value in pdu.tlvs if tag == OP] == [b"\x03"]


def test_the_service_type_is_the_channel() -> None:
    assert channel_of(submit()) == "ussd"
    assert channel_of(submit(service_type="CMT")) == channel_of(submit(service_type="")) == "sms"
