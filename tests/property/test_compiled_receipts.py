"""Receipts in C beside the Python: the same octets and the same meaning, or the Python decides."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_push.domain.message import MessageState
from operator_push.gateway import pdu_mapping, receipt_octets
from operator_push.services.open_messages import OpenMessage, OpenSegment
from operator_push.smpp import codec_choice
from operator_push.smpp.pdu import DataSm, DeliverSm
from operator_push.smpp.tlv import TlvTag

pytestmark = pytest.mark.skipif(
    codec_choice.compiled is None, reason="not compiled here: run make install or operator-push smpp compile"
)
ENDED_US = 1_800_000_000_000_000
HEADER = bytes(16)
STORED = HEADER + b"\0\x05\0CHAI\0\1\1919812345678\0\3\0\0\0\0\1\0\0\0\2hi"
MESSAGE = OpenMessage(
    382646408391426048, 1, 1, 1, 0, 1, 0, 1, 1, "CHAI", "919812345678", 1, 1, 1, 1, 77, 0, STORED,
    [OpenSegment(1)],
)  # fmt: skip
TEXT = b"id:%b sub:001 dlvrd:001 submit date:2611212210 done date:2611212210 stat:%b err:%b text:x"
PAYLOAD = TEXT % (b"7", b"EXPIRED", b"1")
ID, STATE, REFERENCE = TlvTag.receipted_message_id, TlvTag.message_state, TlvTag.user_message_reference


def both(monkeypatch, room, call):
    """What the compiled half and the Python give: a value or the kind of error."""
    told = []
    for quick in (room._quick_receipt, None):
        monkeypatch.setattr(room, "_quick_receipt", quick)
        try:
            told.append(call())
        except Exception as error:
            told.append(type(error))
    monkeypatch.undo()
    return told


@settings(deadline=None, max_examples=60)
@given(
    stored=st.one_of(
        st.just(STORED),
        st.integers(0, len(STORED)).map(lambda cut: STORED[:cut]),
        st.binary(max_size=60).map(lambda body: HEADER + body),
    ),
    name=st.sampled_from([b"", b"1a2b3c4d", b"x" * 120, b"x" * 160, b"x" * 254]),
    segments=st.sampled_from([1, 3, 255, 999, 1000]),
    reference=st.sampled_from([-1, 0, 77, 65535, 65536]),
    error=st.sampled_from([b"000", b"02B"]),
)
def test_octets_are_the_same(stored, name, segments, reference, error):
    message = msgspec.structs.replace(
        MESSAGE, body=stored, segment_count=segments, client_reference=reference
    )
    with pytest.MonkeyPatch.context() as patch:
        compiled, python = both(
            patch,
            receipt_octets,
            lambda: receipt_octets.receipt_octets(
                message, MessageState.UNDELIVERABLE, segments - 1, ENDED_US, name, error
            ),
        )
    assert compiled == python


def test_the_usual_is_written_in_c():
    assert receipt_octets._quick_receipt(STORED, b"1", 1, 1, b"d", b"d", b"DELIVRD", b"000", 2, -1)
    assert (
        receipt_octets._quick_receipt(STORED[:20], b"1", 1, 1, b"d", b"d", b"DELIVRD", b"000", 2, -1) is None
    )
    with pytest.raises(TypeError):
        receipt_octets._quick_receipt(STORED, None, 1, 1, b"d", b"d", b"DELIVRD", b"000", 2, -1)


TLVS = st.lists(
    st.one_of(
        st.tuples(st.just(int(ID)), st.sampled_from([b"abc\0", b"abc", b"\0", b"", b"a\0b\0", b"\xdf\0"])),
        st.tuples(st.just(int(STATE)), st.sampled_from([b"\2", b"\5", b"\0", b"\xff", b"", b"\2\2"])),
        st.tuples(st.just(int(REFERENCE)), st.sampled_from([b"\1\2", b"\xff\xff", b"\1", b"", b"\1\2\3"])),
        st.tuples(
            st.just(int(TlvTag.message_payload)), st.sampled_from([b"", TEXT % (b"7", b"EXPIRED", b"1")])
        ),
        st.tuples(st.just(int(TlvTag.network_error_code)), st.sampled_from([b"\3\0\1", b""])),
        st.tuples(st.just(0x1400), st.binary(max_size=3)),
    ),
    max_size=4,
).map(tuple)


@settings(deadline=None, max_examples=150)
@given(
    words=st.tuples(
        st.sampled_from([b"9", b"a\0b", b"\0", b"0A1"]),
        st.sampled_from([b"DELIVRD", b"delivrd", b"ODD", b"REJECTD"]),
        st.sampled_from([b"000", b"a\0", b"5"]),
    ),
    tlvs=TLVS,
    coding=st.sampled_from([0, 8]),
    sender=st.sampled_from(["919812345678", "+919812345678", "CHAI"]),
    cut=st.sampled_from([0, 1, 30, 200]),
)
def test_a_receipt_means_the_same(words, tlvs, coding, sender, cut):
    text = (TEXT % words)[: cut or None]
    pdu = DeliverSm(source_addr=sender, esm_class=4, data_coding=coding, short_message=text, tlvs=tlvs)
    with pytest.MonkeyPatch.context() as patch:
        compiled, python = both(patch, pdu_mapping, lambda: pdu_mapping.receipt_of(pdu))
    assert compiled == python


def test_the_usual_is_read_in_c():
    tlvs = ((int(ID), b"abc\0"), (int(STATE), b"\2"), (int(REFERENCE), b"\1\2"))
    text = TEXT % (b"9", b"delivrd", b"000")
    assert pdu_mapping._quick_receipt(text, tlvs) == ("abc", "DELIVRD", "000", 2, 258)
    assert pdu_mapping._quick_receipt(text, ()) == ("9", "DELIVRD", "000", -1, -1)
    assert pdu_mapping.receipt_of(DataSm(esm_class=4, tlvs=tlvs)).smsc_message_id == "abc"
