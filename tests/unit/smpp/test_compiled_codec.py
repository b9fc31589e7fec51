"""The compiled half beside the Python: the same answer for any octets and any Struct, or none at all."""

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.smpp import codec, codec_choice, receipt_text
from operator_push.smpp.codec_source import make_decoder, make_encoder
from operator_push.smpp.constants import EsmClass
from operator_push.smpp.pdu import DataSm, DeliverSm, DeliverSmResp, SubmitSm, SubmitSmResp

pytestmark = pytest.mark.skipif(
    codec_choice.compiled is None, reason="not compiled here: run make install or operator-push smpp compile"
)
compiled = codec_choice.compiled

FULL = SubmitSm(
    7,
    3,
    ((0x0204, b"\1\2"), (0x1400, b""), (0x0204, b"again")),
    "WAP",
    5,
    0,
    "Bänk",
    1,
    1,
    "919000000001",
    0x40,
    1,
    2,
    "261122031500000+",
    "000001000000000R",
    1,
    1,
    245,
    9,
    bytes(range(255)),
)
PDUS = [
    FULL,
    SubmitSm(),
    DeliverSm(0xFFFFFFFF, 0xFFFFFFFF, short_message=b"x"),
    SubmitSmResp(9, message_id="id"),
    SubmitSmResp(9, 8, (), b""),
    SubmitSmResp(9, 0, ((5, b"x"),), None, "id"),
    DeliverSmResp(9),
]
UNUSUAL = [
    SubmitSm(source_addr="a\0b"),
    SubmitSm(source_addr="Ω"),
    SubmitSm(esm_class=256),
    SubmitSm(esm_class=-1),
    SubmitSm(esm_class=1 << 80),
    SubmitSm(esm_class="4"),
    SubmitSm(sequence_number=1 << 32),
    SubmitSm(command_status=-1),
    SubmitSm(short_message=bytes(256)),
    SubmitSm(short_message=bytearray(1)),
    SubmitSm(tlvs=((65536, b""),)),
    SubmitSm(tlvs=((1, bytes(65536)),)),
    SubmitSm(tlvs=((1, b"", b""),)),
    SubmitSm(tlvs=[(1, b"")]),
    SubmitSm(validity_period=None),
    DataSm(),
    SubmitSmResp(1),
]


def framed(command_id, body, status=0, number=7):
    numbers = (16 + len(body), command_id, status, number)
    return b"".join(value.to_bytes(4, "big") for value in numbers) + body


def in_python(octets):
    """What the made decoder gives, or None where it gives up."""
    command_id = int.from_bytes(octets[4:8], "big")
    status, number = int.from_bytes(octets[8:12], "big"), int.from_bytes(octets[12:16], "big")
    try:
        return make_decoder(command_id)(octets, status, number)
    except (ValueError, IndexError, struct.error):
        return None


@pytest.mark.parametrize("pdu", PDUS)
def test_it_reads_what_the_python_wrote(pdu):
    octets = make_encoder(pdu.command_id)(pdu)
    assert compiled.decode(octets) == pdu
    assert compiled.encode(pdu) in (octets, None)


@pytest.mark.parametrize("pdu", PDUS)
def test_it_leaves_every_cut_body_to_the_python(pdu):
    octets = make_encoder(pdu.command_id)(pdu)
    for end in range(16, len(octets)):
        cut = framed(pdu.command_id, octets[16:end], pdu.command_status, pdu.sequence_number)
        assert compiled.decode(cut) == in_python(cut)


@pytest.mark.parametrize("octets", [b"", bytes(3), bytes(15), bytes(16), framed(4, b"")[:-1] + b"xy"])
def test_what_is_no_pdu_is_left_to_the_python(octets):
    assert compiled.decode(octets) is None


def test_what_is_not_bytes_is_left_to_the_python():
    assert compiled.decode(bytearray(framed(4, bytes(17)))) is None
    assert compiled.receipt_facts(bytearray(b"id:1")) is None


@pytest.mark.parametrize("pdu", UNUSUAL)
def test_what_cannot_be_written_plainly_is_left_to_the_python(pdu):
    assert compiled.encode(pdu) is None


def test_a_number_with_a_name_is_written_as_its_number():
    pdu = DeliverSm(esm_class=EsmClass.SMSC_DELIVERY_RECEIPT)
    assert compiled.encode(pdu) == make_encoder(5)(pdu)


def test_a_pdu_over_the_maximum_is_refused_all_the_same():
    with pytest.raises(codec.PduEncodeError, match="over"):
        codec.encode_pdu(SubmitSm(tlvs=((1, bytes(65535)), (2, bytes(65535)))))


octets_of_a_message = st.one_of(
    st.binary(max_size=90),
    st.lists(st.sampled_from([b"\0", b"1", b"ab\0", b"\0\1\0\2xx", b"\x05"]), max_size=40).map(b"".join),
)


@given(
    command_id=st.sampled_from([4, 5, 0x80000004, 0x80000005]),
    body=octets_of_a_message,
    status=st.sampled_from([0, 8, 0xFFFFFFFF]),
)
def test_any_octets_read_the_same(command_id, body, status):
    octets = framed(command_id, body, status)
    assert compiled.decode(octets) == in_python(octets)


def test_many_damaged_messages_read_the_same():
    chance = random.Random(4)
    whole = make_encoder(4)(FULL)
    for _ in range(5_000):
        octets = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            octets[chance.randrange(16, len(octets))] = chance.choice((0, 1, 255, chance.randrange(256)))
        octets = bytes(octets[: chance.randint(16, len(octets))])
        octets = framed(4, octets[16:])
        assert compiled.decode(octets) == in_python(octets)


@given(stream=st.binary(max_size=60), count=st.integers(0, 3))
def test_a_stream_is_cut_up_to_what_is_not_whole(stream, count):
    one = framed(21, b"")
    found, at = compiled.cut(one * count + stream, 1 << 30)
    assert found[:count] == [one] * count
    assert b"".join(found) == (one * count + stream)[:at]
    rest = (one * count + stream)[at:]
    length = int.from_bytes(rest[:4], "big")
    assert len(rest) < 4 or not 16 <= length <= len(rest)


def test_a_stream_is_cut_into_no_more_than_are_asked_for():
    one = framed(21, b"")
    assert compiled.cut(one * 3, 2) == ([one, one], 32)
    assert compiled.cut(one * 3, 0) == ([], 0)


RECEIPT = b"id:%b sub:001 dlvrd:001 submit date:2611212210 done date:2611212210 stat:%b err:%b%b"


@given(
    words=st.lists(
        st.sampled_from([b"1", b"DELIVRD", b"delivrd", b"", b" ", b"\xdf", b"a:b", b"\x0b", b"\x85"]),
        min_size=3,
        max_size=3,
    ),
    end=st.sampled_from([b"", b" text:", b" Text:x", b" TEXT:", b" ", b"\n", b" text"]),
    cut=st.integers(0, 140),
)
def test_a_receipt_reads_the_same(words, end, cut):
    for text in (RECEIPT % (*words, end), (RECEIPT % (*words, end))[:cut]):
        usual = receipt_text._USUAL_FACTS.match(text)
        expected = None
        if usual is not None:
            identifier, stat, error = (word.decode("latin-1") for word in usual.groups())
            expected = (identifier, stat.upper(), error)
        assert compiled.receipt_facts(text) == expected
