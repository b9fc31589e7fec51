"""Kinds of messages as octets: what leaves is what the codec would have written."""

from random import Random

import pytest

from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.pdu import SubmitSm
from operator_push.text.data_coding import Encoding, decode_text
from smsc_sim.load.feed import make_feeds
from smsc_sim.load.message_mix import KindPicker, address_type, made_text, prepare_kinds
from smsc_sim.load.plan import MIXES, LoadPlan, Loop, MessageKind, Numbers, Receipts


def sent(plan, segments):
    """The first submit_sm that a plan's first bind sends."""
    [feed, *_] = make_feeds(plan, prepare_kinds(plan))
    feed.start(0.0)
    pdus = []
    for number in range(1, segments + 1):
        _, body, _ = feed.take(feed.due_at)
        head = (
            (16 + len(body)).to_bytes(4, "big") + bytes((0, 0, 0, 4, 0, 0, 0, 0)) + number.to_bytes(4, "big")
        )
        pdus.append(decode_pdu(head + body))
    return pdus


def plan_of(*kinds, **fields):
    return LoadPlan(loop=Loop(count=100), messages=kinds, **fields)


def test_a_short_text_is_one_submit_sm_as_the_codec_writes_it():
    [pdu] = sent(plan_of(MessageKind(text="Grüße")), 1)
    assert pdu == SubmitSm(
        1,
        source_addr_ton=3,
        source_addr="56070",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="919800000000",
        registered_delivery=1,
        short_message=b"Gr\x7e\x1ee",
    )
    assert decode_pdu(encode_pdu(pdu)) == pdu


def test_a_long_text_is_concatenated_by_header_with_one_reference():
    text = made_text(400, "gsm7")
    pdus = sent(plan_of(MessageKind(characters=400)), 6)
    for number, message in enumerate((pdus[:3], pdus[3:])):
        assert {pdu.esm_class for pdu in message} == {0x40}
        heads = [pdu.short_message[:6] for pdu in message]
        assert heads == [bytes((5, 0, 3, number, 3, part)) for part in (1, 2, 3)]
        assert len({pdu.destination_addr for pdu in message}) == 1
        joined = b"".join(pdu.short_message[6:] for pdu in message)
        assert decode_text(joined, Encoding.GSM7) == text


def test_every_ready_mix_has_segments_that_fit():
    for kinds in MIXES.values():
        for kind in prepare_kinds(LoadPlan(messages=kinds)):
            assert kind.segments
            assert kind.octets > 0


@pytest.mark.parametrize(
    ("kind", "data_coding", "segments"),
    [
        (MessageKind(characters=70, alphabet="ucs2"), 8, 1),
        (MessageKind(characters=71, alphabet="ucs2"), 8, 2),
        (MessageKind(text="नमस्ते"), 8, 1),
        (MessageKind(text="naïve", alphabet="latin1"), 3, 1),
        (MessageKind(characters=141, alphabet="binary"), 4, 2),
        (MessageKind(text="now!", flash=True), 0x10, 1),
        (MessageKind(characters=20, alphabet="ucs2", flash=True), 0x18, 1),
    ],
)
def test_alphabets_have_their_data_coding_and_their_segments(kind, data_coding, segments):
    pdus = sent(plan_of(kind), segments)
    assert {pdu.data_coding for pdu in pdus} == {data_coding}
    assert len(prepare_kinds(plan_of(kind))[0].segments) == segments


def test_the_plan_says_sender_receipts_validity_and_reference():
    kind = MessageKind(text="x", validity_period="000001000000000R")
    numbers = Numbers(source="BANK", first="0049170000001", count=2)
    plan = plan_of(kind, numbers=numbers, receipts=Receipts(ask=False), user_message_reference=True)
    first, second, third = sent(plan, 3)
    assert (first.source_addr, first.source_addr_ton, first.registered_delivery) == ("BANK", 5, 0)
    assert first.validity_period == "000001000000000R"
    destinations = [pdu.destination_addr for pdu in (first, second, third)]
    assert destinations == ["0049170000001", "0049170000002", "0049170000001"]
    assert [pdu.tlvs for pdu in (first, second)] == [((0x204, b"\0\0"),), ((0x204, b"\0\1"),)]


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (MessageKind(text="€5 नमस्ते", alphabet="gsm7"), "gsm7 has no 'न'"),
        (MessageKind(characters=39_000, alphabet="ucs2"), "segments"),
        (MessageKind(text="x", alphabet="latin1", flash=True), "flash"),
    ],
)
def test_a_text_that_cannot_be_sent_is_told(kind, word):
    with pytest.raises(ValueError, match=word):
        prepare_kinds(plan_of(kind))


def test_addresses_have_the_usual_type():
    assert address_type("56070") == (3, 0)
    assert address_type("919800000000") == (1, 1)
    assert address_type("Nagar Bank") == (5, 0)


def test_kinds_come_in_their_shares_and_again_with_the_same_seed():
    kinds = prepare_kinds(plan_of(MessageKind(text="a", share=3), MessageKind(text="b")))
    picker = KindPicker(kinds, Random("1"))
    picks = [picker.pick() for _ in range(4000)]
    assert 2850 < picks.count(0) < 3150
    again = KindPicker(kinds, Random("1"))
    assert picks == [again.pick() for _ in range(4000)]
