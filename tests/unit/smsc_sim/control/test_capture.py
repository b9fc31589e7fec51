"""The ring of octets: places in the stream, PDU boundaries, and what is left once the oldest have gone."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import EnquireLink, SubmitSm
from smsc_sim.control.capture import (
    CHUNK_COST_OCTETS,
    UNKNOWN,
    Address,
    Capture,
    ChunkKind,
    Direction,
    framed_from,
)

ESME, SMSC = Address("127.0.0.1", 50_000), Address("127.0.0.1", 2775)


def pdus(count):
    return [
        encode_pdu(SubmitSm(sequence_number=number, short_message=b"x" * (number % 90)))
        for number in range(1, count + 1)
    ]


@given(st.lists(st.integers(1, 300), min_size=1, max_size=60))
def test_a_direction_knows_every_pdu_wherever_the_stream_is_cut(cuts):
    whole = pdus(40)
    octets = b"".join(whole)
    starts = [sum(map(len, whole[:at])) for at in range(len(whole))]
    direction = Direction()
    at, counted = 0, 0
    for cut in [*cuts, len(octets)]:
        part = octets[at : at + cut]
        first, count = direction.pass_on(part)
        counted += count
        inside = [start for start in starts if at <= start and start + 4 <= at + len(part)]
        assert first == (inside[0] if inside else UNKNOWN)
        at += len(part)
    assert counted == direction.pdus == 40
    assert direction.next_pdu == direction.octets == len(octets)


def test_an_impossible_length_ends_the_framing_for_good():
    direction = Direction()
    good = encode_pdu(EnquireLink(1))
    assert direction.pass_on(good + struct.pack(">I", 7)) == (0, 1)
    assert direction.pass_on(good) == (UNKNOWN, 0)
    assert (direction.next_pdu, direction.octets) == (UNKNOWN, 36)
    assert direction.pdus == 1


def test_the_oldest_chunks_go_first_and_the_bound_holds():
    capture = Capture(octets_max=5 * (CHUNK_COST_OCTETS + 16))
    stream = capture.open(0, "b1", ESME, SMSC)
    for number in range(1, 11):
        capture.came_in(number, stream, encode_pdu(EnquireLink(number)))
    kept = capture.chunks()
    assert [chunk.t for chunk in kept] == [6, 7, 8, 9, 10]
    assert capture.chunks_dropped == 6
    assert capture.octets_kept == 5 * 16
    assert [chunk.offset for chunk in kept] == [80, 96, 112, 128, 144]


def test_one_chunk_that_is_larger_than_the_ring_is_kept():
    capture = Capture(octets_max=100)
    stream = capture.open(0, "b1", ESME, SMSC)
    capture.came_in(1, stream, b"x" * 1000)
    [chunk] = capture.chunks()
    assert len(chunk.octets) == 1000


def test_each_side_knows_how_much_of_the_other_had_passed():
    capture = Capture(10_000)
    stream = capture.open(0, "b1", ESME, SMSC)
    capture.came_in(1, stream, encode_pdu(EnquireLink(1)))
    capture.went_out(2, stream, encode_pdu(EnquireLink(1)) * 2)
    capture.close(3, stream, by_smsc=True, broken=False)
    opened, came, left, closed = capture.chunks()
    assert opened.kind is ChunkKind.OPENED
    assert (came.kind, came.offset, came.seen) == (ChunkKind.IN, 0, 0)
    assert (left.kind, left.offset, left.seen) == (ChunkKind.OUT, 0, 16)
    assert (closed.kind, closed.offset, closed.seen, closed.by_smsc) == (ChunkKind.CLOSED, 32, 16, True)


def test_reading_begins_at_the_first_pdu_that_is_left():
    capture = Capture(2 * CHUNK_COST_OCTETS + 60)
    stream = capture.open(0, "b1", ESME, SMSC)
    octets = b"".join(encode_pdu(EnquireLink(number)) for number in range(1, 6))
    for at in range(0, 80, 20):
        capture.came_in(at, stream, octets[at : at + 20])
    assert [chunk.offset for chunk in capture.chunks()] == [40, 60]
    assert framed_from(capture.chunks()) == {(stream.number, ChunkKind.IN): 48}


def test_chunks_of_one_bind():
    capture = Capture(10_000)
    first, second = (capture.open(0, name, ESME, SMSC) for name in ("b1", "b2"))
    capture.came_in(1, first, b"x")
    capture.came_in(1, second, b"y")
    assert [chunk.octets for chunk in capture.chunks("b2")] == [b"", b"y"]
