"""submit_sm and texts to segments, as each link wants them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.cut_plan import PLAN_TAG, ConcatReferences
from operator_push.gateway.message_cutting import (
    AS_STORED,
    Unsendable,
    Wire,
    leaves_as_it_came,
    segment_octets,
    segment_pdu,
    stored_reference,
)
from operator_push.gateway.pdu_mapping import body_of
from operator_push.services.open_messages import OpenMessage, OpenSegment
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import SubmitSm
from operator_push.smpp.tlv import TlvTag
from operator_push.text.data_coding import Encoding, encoding_of
from operator_push.text.link_text import DefaultAlphabet, LinkText, read_user_data
from operator_push.text.segmentation import LongMessages, SegmentOptions, count_segments, units_max
from operator_push.text.shift_tables import NationalLanguage
from operator_push.text.user_data_header import concatenation, split_user_data

UDHI = 0x40
MSISDN = "919812345678"
NOW_US = 1_800_000_000_000_000
DAY_US = 86_400_000_000
ACCOUNT = 1
CLASS = 3
HINDI = (NationalLanguage.HINDI,)
PAYLOAD = int(TlvTag.message_payload)

PLAIN = LinkText()
UDH16 = LinkText(options=SegmentOptions(reference_bits=16))
SAR = LinkText(options=SegmentOptions(method=LongMessages.SAR))
WITH_HINDI = LinkText(options=SegmentOptions(shift_tables=HINDI))
LATIN1 = LinkText(DefaultAlphabet.LATIN1)
ASCII = LinkText(DefaultAlphabet.ASCII)
PACKED = LinkText(DefaultAlphabet.GSM7_PACKED)


def cutter(link: LinkText | None = None, tables: tuple[NationalLanguage, ...] = HINDI) -> MessageCutter:
    return MessageCutter(lambda *asked: link, ConcatReferences(), lambda account_no: tables)


def cut(pdu: SubmitSm, link: LinkText | None = None) -> Wire | Unsendable:
    return cutter(link).wire_of(pdu, MSISDN, ACCOUNT, CLASS, NOW_US)


def cut_well(pdu: SubmitSm, link: LinkText | None = None) -> Wire:
    wire = cut(pdu, link)
    assert isinstance(wire, Wire), wire
    return wire


def open_message(body: bytes, segment_count: int, wire: object = None) -> OpenMessage:
    segments = [OpenSegment(number) for number in range(1, segment_count + 1)]
    return OpenMessage(
        382646408391426048, 1, 1, 1, 0, 1, 0, 1, 1, "CHAI", MSISDN, segment_count, 1, 1, 1, 5, 0, body,
        segments, wire,
    )  # fmt: skip


def sent(text: str, link: LinkText | None = None) -> list[SubmitSm]:
    """The submit_sm of a text, from its stored body alone, as after a restart."""
    body, count, _, _ = cutter(link).render_text("CHAI", MSISDN, text, ACCOUNT, CLASS, NOW_US)
    message = open_message(body, count)
    means = link.default_alphabet if link is not None else DefaultAlphabet.GSM7
    return [segment_pdu(message, number, number, means) for number in range(1, count + 1)]


def test_a_short_message_is_one_segment_as_it_came():
    assert cut_well(SubmitSm(short_message=b"x" * 160)).segments == [b"x" * 160]


@pytest.mark.parametrize(("octets", "segments"), [(161, 2), (306, 2), (307, 3)])
def test_a_long_payload_is_billed_by_the_segments_that_it_becomes(octets: int, segments: int):
    wire = cut_well(SubmitSm(tlvs=((PAYLOAD, b"x" * octets),)))
    assert len(wire.segments) == segments
    assert {part[:3] for part in wire.segments} == {bytes((5, 0, 3))}
    assert wire.esm_class == UDHI


def test_a_part_with_a_header_of_its_own_stays_as_it_is():
    part = bytes((5, 0, 3, 9, 2, 1)) + b"y" * 153
    for link in (None, UDH16, SAR):
        wire = cut_well(SubmitSm(esm_class=UDHI, short_message=part), link)
        assert (wire.segments, wire.esm_class, wire.sar_reference) == ([part], UDHI, -1)


def test_a_part_tied_by_tlvs_is_one_segment_and_keeps_them():
    tlvs = ((int(TlvTag.sar_msg_ref_num), b"\0\7"), (int(TlvTag.sar_total_segments), b"\2"))
    pdu = SubmitSm(short_message=b"y" * 153, tlvs=(*tlvs, (int(TlvTag.sar_segment_seqnum), b"\1")))
    wire = cut_well(pdu)
    out = segment_pdu(open_message(body_of(pdu), 1, wire), 1, 5)
    assert [out.tlv(tag) for tag in (0x020C, 0x020E, 0x020F)] == [b"\0\7", b"\2", b"\1"]
    assert out.esm_class == 0


@pytest.mark.parametrize("message", [b"", bytes((9, 0, 3)), bytes((5, 0, 3, 9, 2, 1)) + b"y" * 154])
def test_a_header_that_does_not_fit_is_unsendable(message: bytes):
    assert isinstance(cut(SubmitSm(esm_class=UDHI, short_message=message)), Unsendable)


def test_a_header_without_text_goes_as_it_came():
    assert cut_well(SubmitSm(esm_class=UDHI, short_message=b"\0abc")).segments == [b"\0abc"]


def test_a_long_payload_with_a_header_gives_it_to_every_segment():
    ports = bytes((6, 5, 4, 0x0B, 0x84, 0x23, 0xF0))
    pdu = SubmitSm(esm_class=UDHI, data_coding=4, tlvs=((PAYLOAD, ports + bytes(200)),))
    first, second = cut_well(pdu).segments
    for number, part in enumerate((first, second), 1):
        elements, _ = split_user_data(part)
        found = concatenation(elements)
        assert found is not None
        assert (found.part, found.total, dict(elements)[5]) == (number, 2, ports[3:])
    assert (len(first), len(second)) == (140, 12 + 200 - 128)


def test_a_text_of_more_than_255_segments_is_unsendable_and_raises_nothing():
    assert isinstance(cut(SubmitSm(tlvs=((PAYLOAD, b"x" * 65_535),))), Unsendable)


def test_a_segment_carries_our_key_asks_for_a_receipt_and_drops_the_client_s_key():
    pdu = SubmitSm(
        source_addr="CHAI",
        destination_addr="+91 98123 45678",
        short_message=b"hi",
        tlvs=((int(TlvTag.user_message_reference), b"\0\5"), (0x1400, b"vendor")),
    )
    message = open_message(body_of(pdu), 1)
    out = segment_pdu(message, 1, 777)
    assert out.tlv(TlvTag.user_message_reference) == (777).to_bytes(2, "big")
    assert out.tlv(0x1400) == b"vendor"
    assert out.registered_delivery == 1
    assert out.destination_addr == MSISDN


def test_no_peer_can_slip_a_plan_in_and_ours_never_leaves():
    pdu = SubmitSm(short_message=b"x", tlvs=((PLAN_TAG, b"\x20\0\0\0\1"),))
    assert cut_well(pdu).segments == [b"x"]
    assert pdu.tlvs == ()
    assert all(part.tlv(PLAN_TAG) is None for part in sent("x" * 200))


@given(
    text=st.text(alphabet="abc €^{}ßà😀तुर", min_size=1, max_size=400),
    link=st.sampled_from([None, UDH16, SAR, WITH_HINDI, LATIN1, ASCII, PACKED]),
)
def test_a_restart_cuts_the_same_octets_and_a_handset_reads_the_text(text: str, link: LinkText | None):
    body, count, wire, _ = cutter(link).render_text("CHAI", MSISDN, text, ACCOUNT, CLASS, NOW_US)
    assert count == cutter(link).segments_of("CHAI", MSISDN, text, ACCOUNT, CLASS)
    first, again = open_message(body, count, wire), open_message(body, count)
    means = link.default_alphabet if link is not None else DefaultAlphabet.GSM7
    parts = [segment_pdu(first, number, 1, means) for number in range(1, count + 1)]
    assert parts == [segment_pdu(again, number, 1, means) for number in range(1, count + 1)]
    texts = [
        read_user_data(part.short_message, part.data_coding, bool(part.esm_class & UDHI), means)
        for part in parts
    ]
    assert "".join(texts) == text


@given(text=st.text(alphabet="ab€^ß😀तु", max_size=500))
def test_what_is_sent_is_what_the_one_count_says(text: str):
    for link in (PLAIN, UDH16, SAR, WITH_HINDI):
        assert (
            cutter(link).segments_of("CHAI", MSISDN, text, ACCOUNT, CLASS)
            == count_segments(text, link.options).segments
        )


def test_a_link_with_16_bit_references_gets_152_septets():
    first, second = sent("a" * 161, UDH16)
    assert first.short_message[:2] == b"\6\x08"
    assert [len(part.short_message) - 7 for part in (first, second)] == [152, 9]


def test_a_link_with_sar_tlvs_gets_parts_without_a_header():
    parts = sent("a" * 161, SAR)
    assert [part.short_message for part in parts] == [b"a" * 153, b"a" * 8]
    assert [part.esm_class & UDHI for part in parts] == [0, 0]
    assert [part.tlv(TlvTag.sar_total_segments) for part in parts] == [b"\2", b"\2"]
    assert [part.tlv(TlvTag.sar_segment_seqnum) for part in parts] == [b"\1", b"\2"]
    references = {part.tlv(TlvTag.sar_msg_ref_num) for part in parts}
    assert len(references) == 1
    assert len(references.pop() or b"") == 2
    assert sent("a", SAR)[0].tlv(TlvTag.sar_msg_ref_num) is None


def test_national_tables_need_the_account_and_the_link():
    text = "नमस्ते " * 20
    assert cutter(WITH_HINDI).segments_of("CHAI", MSISDN, text, ACCOUNT, CLASS) == 1
    assert cutter(WITH_HINDI, ()).segments_of("CHAI", MSISDN, text, ACCOUNT, CLASS) == 3
    assert cutter(PLAIN).segments_of("CHAI", MSISDN, text, ACCOUNT, CLASS) == 3
    (part,) = sent(text, WITH_HINDI)
    assert (part.data_coding, part.esm_class) == (0, UDHI)
    assert part.short_message[:4] == bytes((3, 0x25, 1, 6))


@pytest.mark.parametrize(
    ("link", "text", "data_coding", "octets"),
    [
        (LATIN1, "@ß{", 0, "40df7b"),
        (LATIN1, "€", 8, "20ac"),
        (ASCII, "@{", 0, "407b"),
        (ASCII, "ß", 8, "00df"),
        (PACKED, "hellohello", 0, "e8329bfd4697d9ec37"),
        (PACKED, "1234567", 0, "31d98c56b3dd1a"),  # padded with CR: seven spare bits would read as "@"
    ],
)
def test_data_coding_0_is_written_as_the_smsc_means_it(
    link: LinkText, text: str, data_coding: int, octets: str
):
    (part,) = sent(text, link)
    assert (part.data_coding, part.short_message.hex()) == (data_coding, octets)


def test_a_part_of_an_esme_is_written_as_the_smsc_means_it_too():
    head = bytes((5, 0, 3, 9, 2, 1))
    pdu = SubmitSm(esm_class=UDHI, short_message=head + b"\0\x1e")
    message = open_message(body_of(pdu), 1, cut_well(pdu, LATIN1))
    out = segment_pdu(message, 1, 1, DefaultAlphabet.LATIN1)
    assert (out.short_message, out.data_coding, out.esm_class) == (head + b"@\xdf", 0, UDHI)
    forced = SubmitSm(data_coding=3, short_message=b"\xe9")
    message = open_message(body_of(forced), 1, cut_well(forced, LATIN1))
    assert segment_pdu(message, 1, 1, DefaultAlphabet.LATIN1).short_message == b"\xe9"


def test_a_failover_writes_for_the_link_that_sends_and_keeps_the_count():
    body, count, _, _ = cutter(PLAIN).render_text("CHAI", MSISDN, "@" * 161, ACCOUNT, CLASS, NOW_US)
    message = open_message(body, count)
    parts = [segment_pdu(message, number, 1, DefaultAlphabet.LATIN1) for number in (1, 2)]
    assert [part.short_message[6:] for part in parts] == [b"@" * 153, b"@" * 8]
    body, _, _, _ = cutter(PLAIN).render_text("CHAI", MSISDN, "€", ACCOUNT, CLASS, NOW_US)
    with pytest.raises(ValueError, match="data_coding 0 is latin1 lacks a character"):
        segment_pdu(open_message(body, 1), 1, 1, DefaultAlphabet.LATIN1)


def test_long_messages_to_one_destination_differ_in_their_references():
    maker = cutter()
    seen = set()
    for _ in range(256):
        _, _, wire, _ = maker.render_text("CHAI", MSISDN, "x" * 200, ACCOUNT, CLASS, NOW_US)
        seen.add(wire.segments[0][3])
    assert len(seen) == 256


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    ("after_us", "told"),
    [(0, ""), (3_600_000_000, "270115090000000+"), (7 * DAY_US, "270122080000000+"), (7 * DAY_US + 1, "")],
)
def test_the_smsc_is_told_of_an_end_within_a_week(after_us: int, told: str, count: int):
    """A handset that comes back after a campaign's end once got its message then, from the SMSC's store."""
    ends_us = NOW_US + after_us if after_us else 0
    body, _, _, _ = cutter().render_text("CHAI", MSISDN, "x" * 100 * count, ACCOUNT, CLASS, NOW_US, ends_us)
    message = open_message(body, count)
    parts = [segment_pdu(message, number, 1) for number in range(1, count + 1)]
    assert [part.validity_period for part in parts] == [told] * count


def test_references_go_on_after_a_restart_where_those_of_open_messages_end():
    body, count, wire, _ = cutter().render_text("CHAI", MSISDN, "x" * 200, ACCOUNT, CLASS, NOW_US)
    reference = stored_reference(open_message(body, count))
    assert reference is not None
    assert wire.segments[0][3] == reference & 0xFF
    references = ConcatReferences()
    references.remember(MSISDN, reference)
    assert references.next(MSISDN, NOW_US) == reference + 1 & 0xFFFF


def test_a_body_of_before_the_plans_is_cut_by_its_id():
    pdu = SubmitSm(tlvs=((PAYLOAD, b"x" * 200),))
    first, second = open_message(body_of(pdu), 2), open_message(body_of(pdu), 2)
    second.message_id += 1 << 22  # a millisecond later
    assert segment_pdu(first, 1, 1).short_message[3] != segment_pdu(second, 1, 1).short_message[3]
    assert stored_reference(first) is None


def test_what_leaves_as_it_came_is_what_the_pdu_would_be():
    came = SubmitSm(
        4711, service_type="CMT", source_addr="CHAI", destination_addr=MSISDN, validity_period="",
        registered_delivery=1, data_coding=0, protocol_id=3, priority_flag=1, short_message=b"hello",
    )  # fmt: skip
    wire = cut_well(came)
    assert leaves_as_it_came(came, wire)
    stored, cut = open_message(encode_pdu(came), 1), open_message(encode_pdu(came), 1)
    stored.wire = AS_STORED
    octets, more = segment_octets(stored, 1, 777)
    assert segment_octets(cut, 1, 777) == (encode_pdu(segment_pdu(cut, 1, 777)), b"")
    assert octets[16:] + more == segment_octets(cut, 1, 777)[0][16:]
    for each in (stored, cut):  # a failover to an SMSC that reads data_coding 0 otherwise
        octets, _ = segment_octets(each, 1, 777, DefaultAlphabet.GSM7_PACKED)
        assert bytes.fromhex("e8329bfd06") in octets


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
    wire = cut_well(came)
    assert not leaves_as_it_came(came, wire)


def test_other_settings_of_a_link_change_no_message_that_was_accepted():
    body, count, _, _ = cutter(UDH16).render_text("CHAI", MSISDN, "a" * 305, ACCOUNT, CLASS, NOW_US)
    assert count == 3  # 152 + 152 + 1; by 8-bit references it would be 153 + 152
    message = open_message(body, count)  # whatever the link wants by now is not even asked
    assert [len(segment_pdu(message, number, 1).short_message) for number in (1, 2, 3)] == [159, 159, 8]


headers = st.sampled_from(
    [
        b"",
        b"\0",
        bytes((5, 0, 3, 9, 2, 1)),
        bytes((3, 0x25, 1, 6)),
        bytes((6, 5, 4, 1, 2, 3, 4)),
        b"\2\xff\x09",
    ]
) | st.binary(max_size=4)


@given(
    head=headers,
    text=st.binary(max_size=700) | st.text("aé€{नम", max_size=200).map(lambda text: text.encode("utf-16-be")),
    esm_class=st.sampled_from([0, UDHI]),
    data_coding=st.sampled_from([0, 1, 3, 4, 8]) | st.integers(0, 255),
    link=st.sampled_from([None, UDH16, SAR, WITH_HINDI, LATIN1, ASCII, PACKED]),
)
def test_whatever_an_esme_submits_is_cut_or_refused_and_no_segment_is_too_long(
    head: bytes, text: bytes, esm_class: int, data_coding: int, link: LinkText | None
):
    pdu = SubmitSm(esm_class=esm_class, data_coding=data_coding, tlvs=((PAYLOAD, head + text),))
    wire = cut(pdu, link)
    if isinstance(wire, Unsendable):
        return
    means = link.default_alphabet if link is not None else DefaultAlphabet.GSM7
    message = open_message(body_of(pdu), len(wire.segments))
    for number, segment in enumerate(wire.segments, 1):
        assert len(segment_pdu(message, number, 1, means).short_message) <= 160
        header_octets = segment[0] + 1 if wire.esm_class & UDHI else 0
        septets = encoding_of(wire.data_coding) in (Encoding.GSM7, Encoding.IA5)
        room = units_max(Encoding.GSM7 if septets else Encoding.BINARY, header_octets)
        assert len(segment) - header_octets <= room
