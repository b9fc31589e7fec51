"""Segments of a recorded direction: nothing is lost or moved, and none ends within a header."""

from hypothesis import given
from hypothesis import strategies as st

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import HEADER_OCTETS
from operator_push.smpp.pdu import EnquireLink, SubmitSm
from operator_push.smpp.tlv import TlvTag
from smsc_sim.control.tcp_flow import SEGMENT_OCTETS, Flow

PAYLOAD = ((int(TlvTag.message_payload), b"x" * 4000),)
PDUS = [
    encode_pdu(pdu)
    for number in range(1, 13)
    for pdu in (
        EnquireLink(number),
        SubmitSm(number, short_message=b"y" * (number * 13)),
        SubmitSm(number, tlvs=PAYLOAD if number % 6 == 0 else ()),
    )
]
STREAM = b"".join(PDUS)
STARTS = [sum(map(len, PDUS[:at])) for at in range(len(PDUS))]


def segments_of(flow, cuts, start=0):
    found, at = [], 0
    for cut in [*cuts, len(STREAM)]:
        part = STREAM[at : at + cut]
        if part:
            found += flow.take(at, part)
        at += len(part)
    return found + flow.rest()


@given(st.lists(st.integers(1, 700), max_size=80))
def test_a_segment_never_ends_within_a_header_and_all_octets_are_there(cuts):
    flow = Flow(0)
    found = segments_of(flow, cuts)
    assert b"".join(octets for _, octets in found) == STREAM
    at = 0
    for offset, octets in found:
        assert offset == at
        assert 0 < len(octets) <= SEGMENT_OCTETS
        at += len(octets)
        assert not any(start < at < start + HEADER_OCTETS for start in STARTS)
    assert flow.position == len(STREAM)


@given(st.lists(st.integers(1, 300), max_size=40), st.integers(0, len(PDUS) - 1))
def test_a_flow_can_begin_at_any_pdu(cuts, first):
    found = segments_of(Flow(STARTS[first]), cuts)
    assert found[0][0] == STARTS[first]
    assert b"".join(octets for _, octets in found) == STREAM[STARTS[first] :]


def test_octet_by_octet_a_header_goes_as_one_and_the_rest_as_it_came():
    flow = Flow(0)
    octets = encode_pdu(SubmitSm(1))
    sizes = []
    for at in range(len(octets)):
        sizes += [len(part) for _, part in flow.take(at, octets[at : at + 1])]
    assert sizes == [HEADER_OCTETS] + [1] * (len(octets) - HEADER_OCTETS)


def test_after_an_impossible_length_nothing_is_kept_back():
    flow = Flow(0)
    nonsense = b"\0\0\0\x05" + b"z" * 30
    assert flow.take(0, nonsense) == [(0, nonsense)]
    assert flow.take(34, b"\0\0") == [(34, b"\0\0")]


def test_a_stream_that_ends_within_a_header_ends_with_it():
    flow = Flow(0)
    assert flow.take(0, b"\0\0\0\x10\0") == []
    assert (flow.begun, flow.rest()) == (False, [(0, b"\0\0\0\x10\0")])
    assert (flow.begun, flow.position, flow.rest()) == (True, 5, [])
