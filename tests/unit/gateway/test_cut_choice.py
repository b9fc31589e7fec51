"""Long messages for a link that wants them whole: counted as they are cut on the air, sent as they came."""

import pytest

from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.cut_plan import PLAN_TAG, ConcatReferences
from operator_push.gateway.message_cutting import Wire, goes_whole, segment_pdu, stored_reference
from operator_push.gateway.pdu_mapping import body_of
from operator_push.services.open_messages import WHOLE, OpenMessage, new_segments
from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.pdu import SubmitSm
from operator_push.smpp.tlv import TlvTag
from operator_push.text.link_text import DefaultAlphabet, LinkText
from operator_push.text.segmentation import LongMessages, SegmentOptions, count_segments

UDHI = 0x40
MSISDN = "919812345678"
NOW_US = 1_800_000_000_000_000
PAYLOAD = int(TlvTag.message_payload)
BY_PAYLOAD = SegmentOptions(method=LongMessages.PAYLOAD)
WHOLE_LINK = LinkText(options=BY_PAYLOAD)


def cutter(link: LinkText | None = WHOLE_LINK) -> MessageCutter:
    return MessageCutter(lambda *asked: link, ConcatReferences())


def stored(body: bytes, count: int) -> OpenMessage:
    """A message as a restart finds it."""
    message = OpenMessage(
        382646408391426048, 1, 1, 1, 0, 1, 0, 1, 1, "CHAI", MSISDN, count, 1, 1, 1, 5, 0, body,
        new_segments(count, is_whole=False),
    )  # fmt: skip
    message.segments = new_segments(count, goes_whole(message))
    return message


def accepted(text: str, link: LinkText = WHOLE_LINK) -> OpenMessage:
    body, count, _, _ = cutter(link).render_text("CHAI", MSISDN, text, 1, 3, NOW_US)
    return stored(body, count)


@pytest.mark.parametrize(
    ("text", "segments"), [("a" * 161, 2), ("a" * 306, 2), ("a" * 152 + "€" + "a" * 153, 3), ("ж" * 71, 2)]
)
def test_a_long_text_leaves_once_and_counts_as_it_is_cut_on_the_air(text: str, segments: int):
    assert count_segments(text, BY_PAYLOAD).segments == segments
    message = accepted(text)
    assert message.segment_count == segments
    assert [segment.segment_no for segment in message.segments] == [WHOLE]
    out = segment_pdu(message, WHOLE, 777)
    octets = text.encode("utf-16-be") if "ж" in text else text.replace("€", "\x1be").encode()
    assert (out.short_message, out.esm_class) == (b"", 0)
    assert out.tlv(PAYLOAD) == octets
    assert out.tlv(TlvTag.user_message_reference) == (777).to_bytes(2, "big")
    assert out.tlv(PLAN_TAG) is None
    assert out.tlv(TlvTag.sar_total_segments) is None
    assert decode_pdu(encode_pdu(out)) == out


def test_a_text_of_one_segment_is_a_short_message_as_ever():
    message = accepted("a" * 160)
    assert [segment.segment_no for segment in message.segments] == [1]
    assert segment_pdu(message, 1, 7).short_message == b"a" * 160


def test_what_came_in_two_fields_leaves_in_the_one_that_the_specification_allows():
    came = SubmitSm(source_addr="CHAI", destination_addr=MSISDN, short_message=b"a" * 200)
    wire = cutter().wire_of(came, MSISDN, 1, 1, NOW_US)
    assert isinstance(wire, Wire)
    assert wire.is_whole
    out = segment_pdu(stored(body_of(came), len(wire.segments)), WHOLE, 7)
    assert (out.short_message, out.tlv(PAYLOAD)) == (b"", b"a" * 200)


def test_a_header_of_the_esmes_own_is_repeated_by_us_since_no_smsc_must():
    ports = bytes((6, 5, 4, 1, 2, 3, 4))
    came = SubmitSm(
        source_addr="CHAI", destination_addr=MSISDN, esm_class=UDHI, tlvs=((PAYLOAD, ports + b"a" * 200),)
    )
    wire = cutter().wire_of(came, MSISDN, 1, 1, NOW_US)
    assert isinstance(wire, Wire)
    assert not wire.is_whole
    assert len(wire.segments) == 2
    assert all(b"\5\4\1\2\3\4" in segment[:13] for segment in wire.segments)


def test_it_takes_no_concatenation_reference_and_leaves_those_of_others_alone():
    references = ConcatReferences()
    references.remember(MSISDN, 41)
    maker = MessageCutter(lambda *asked: WHOLE_LINK, references)
    body, count, _, _ = maker.render_text("CHAI", MSISDN, "a" * 200, 1, 3, NOW_US)
    assert stored_reference(stored(body, count)) is None
    assert references.next(MSISDN, NOW_US) == 42


def test_a_failover_keeps_whole_what_is_whole_and_cut_what_is_cut():
    whole, cut = accepted("@" * 161), accepted("@" * 161, LinkText())
    assert segment_pdu(whole, WHOLE, 1, DefaultAlphabet.LATIN1).tlv(PAYLOAD) == b"@" * 161
    assert [segment_pdu(cut, number, 1).short_message[6:] for number in (1, 2)] == [b"\0" * 153, b"\0" * 8]
    assert whole.segment_count == cut.segment_count == 2


def test_a_text_that_the_smscs_alphabet_lacks_goes_whole_as_ucs_2():
    message = accepted("€" * 71, LinkText(DefaultAlphabet.LATIN1, BY_PAYLOAD))
    out = segment_pdu(message, WHOLE, 1, DefaultAlphabet.LATIN1)
    assert (out.data_coding, out.tlv(PAYLOAD), message.segment_count) == (
        8,
        ("€" * 71).encode("utf-16-be"),
        2,
    )


def test_a_body_that_cannot_be_read_is_not_whole_and_stops_no_start():
    assert [segment.segment_no for segment in stored(b"body", 2).segments] == [1, 2]
