"""Input turns: a bind that floods is dealt with by shares; its neighbours are heard in every turn."""

import pytest

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import PDU_OCTETS_MAX
from operator_push.smpp.pdu import BindTransceiver, EnquireLink, SubmitSm
from operator_push.smpp_twisted.input_turns import ROUND_PDUS, TURN_PDUS_MIN, InputTurns

BIND = encode_pdu(BindTransceiver(sequence_number=1, system_id="shop", password="secret"))


def submits(first, count):
    pdus = (
        SubmitSm(sequence_number=first + i, destination_addr="917", short_message=b"x") for i in range(count)
    )
    return b"".join(map(encode_pdu, pdus))


class Loop:
    """A loop that a test turns; a `Clock` would run what a turn asks for within the same turn."""

    def __init__(self):
        self.calls = []

    def callLater(self, delay, call):  # noqa: N802 - Twisted names it
        assert delay == 0
        self.calls.append(call)

    def turn(self):
        calls, self.calls = self.calls, []
        for call in calls:
            call()


@pytest.fixture
def loop():
    return Loop()


@pytest.fixture
def bound_stream(loop, stream, owner):
    """A function that makes a bound stream of one listening side, whose requests are noted in `heard`."""
    turns = InputTurns(loop)

    def make():
        protocol, transport = stream(turns=turns, stop_reading_when_unread=True)
        protocol.dataReceived(BIND)
        return protocol, transport

    def note(protocol, events, now):
        for event in events:
            pdu = getattr(event, "pdu", None)
            if isinstance(pdu, BindTransceiver):
                protocol.accept_bind(pdu, "smsc")
            elif pdu is not None:
                make.heard.append((protocol, pdu.sequence_number))

    make.heard = []
    owner.on_events = note
    return make


def is_reading(transport):
    said = [call for call in transport.calls if call.endswith("reading")]
    return not said or said[-1] == "resume reading"


def test_a_chunk_below_the_share_is_dealt_with_at_once(bound_stream, loop):
    protocol, transport = bound_stream()
    protocol.dataReceived(submits(2, ROUND_PDUS - 1))
    assert len(bound_stream.heard) == ROUND_PDUS - 1
    assert is_reading(transport)
    assert loop.calls == []


def test_a_neighbour_is_heard_before_a_flood_is_through(bound_stream, loop):
    flooding, transport = bound_stream()
    neighbour, _ = bound_stream()
    flooding.dataReceived(submits(2, 1_000))
    assert len(bound_stream.heard) == ROUND_PDUS
    assert not is_reading(transport)
    neighbour.dataReceived(submits(7, 1))
    assert bound_stream.heard[ROUND_PDUS:] == [(neighbour, 7)]


def test_floods_share_the_turn_and_all_of_them_are_heard_in_order(bound_stream, loop):
    flooding = [bound_stream()[0] for _ in range(4)]
    for protocol in flooding:
        protocol.dataReceived(submits(2, 300))
    heard = bound_stream.heard
    before = len(heard)
    loop.turn()
    in_one_turn = heard[before:]
    assert len(in_one_turn) <= 4 * max(TURN_PDUS_MIN, ROUND_PDUS // 4)
    assert {protocol for protocol, _ in in_one_turn} == set(flooding)
    turns = 1
    while len(heard) < 1_200:
        loop.turn()
        turns += 1
        assert turns < 100
    for protocol in flooding:
        assert [number for who, number in heard if who is protocol] == list(range(2, 302))


def test_reading_goes_on_when_the_input_is_through(bound_stream, loop):
    protocol, transport = bound_stream()
    protocol.dataReceived(submits(2, 2 * ROUND_PDUS + 1))
    loop.turn()
    assert not is_reading(transport)
    loop.turn()
    assert is_reading(transport)
    assert len(bound_stream.heard) == 2 * ROUND_PDUS + 1


def test_a_peer_that_does_not_read_is_not_read_when_its_turn_is_over(bound_stream, loop):
    protocol, transport = bound_stream()
    protocol.dataReceived(submits(2, ROUND_PDUS + 1))
    protocol.pauseProducing()
    loop.turn()
    assert not is_reading(transport)
    protocol.resumeProducing()
    assert is_reading(transport)


def test_what_was_decrypted_already_waits_behind_in_its_order(bound_stream, loop):
    protocol, _ = bound_stream()
    protocol.dataReceived(submits(2, ROUND_PDUS + 5))
    protocol.dataReceived(submits(ROUND_PDUS + 7, 3))
    loop.turn()
    assert [number for _, number in bound_stream.heard] == list(range(2, ROUND_PDUS + 10))


def test_nothing_is_dealt_with_for_a_stream_that_ended_while_it_waited(bound_stream, loop):
    protocol, transport = bound_stream()
    protocol.dataReceived(submits(2, 2 * ROUND_PDUS))
    transport.finish()
    loop.turn()
    assert len(bound_stream.heard) == ROUND_PDUS
    assert loop.calls == []


def test_a_fault_in_one_turn_costs_that_stream_alone(bound_stream, loop, owner):
    faulty, transport = bound_stream()
    neighbour, _ = bound_stream()
    for protocol in (faulty, neighbour):
        protocol.dataReceived(submits(2, ROUND_PDUS + 1))
    note = owner.on_events

    def fail(protocol, events, now):
        if protocol is faulty:
            raise ZeroDivisionError
        note(protocol, events, now)

    owner.on_events = fail
    loop.turn()
    loop.turn()
    assert "abort" in transport.calls
    assert bound_stream.heard[-1] == (neighbour, ROUND_PDUS + 2)


def test_a_flood_of_nonsense_is_answered_by_shares_too(bound_stream, loop):
    protocol, transport = bound_stream()
    transport.writes.clear()
    nonsense = b"".join(
        (16).to_bytes(4, "big") + b"\x00\x00\x7f\x00" + bytes(4) + n.to_bytes(4, "big")
        for n in range(1, 1_001)
    )
    protocol.dataReceived(nonsense)
    assert len(b"".join(transport.writes)) == 16 * ROUND_PDUS


def test_a_lost_framing_behind_what_waits_is_noticed_in_its_turn(bound_stream, loop):
    protocol, _ = bound_stream()
    lost = (PDU_OCTETS_MAX + 1).to_bytes(4, "big") + encode_pdu(EnquireLink(sequence_number=9))[4:]
    protocol.dataReceived(submits(2, ROUND_PDUS + 1) + lost)
    assert not protocol.close_reason
    loop.turn()
    assert protocol.close_reason


def test_input_that_its_owner_holds_waits_and_goes_on_in_order(bound_stream, loop):
    protocol, transport = bound_stream()
    protocol.hold_input()
    protocol.dataReceived(submits(2, 3))  # decrypted before the reading stopped
    loop.turn()
    assert bound_stream.heard == []
    assert not is_reading(transport)
    protocol.release_input()
    loop.turn()
    assert [number for _, number in bound_stream.heard] == [2, 3, 4]
    assert is_reading(transport)
    protocol.release_input()
    assert loop.calls == []


def test_a_hold_amid_a_flood_ends_the_turn_and_asks_for_no_other(bound_stream, loop, owner):
    protocol, transport = bound_stream()
    note = owner.on_events

    def hold(protocol, events, now):
        note(protocol, events, now)
        protocol.hold_input()

    owner.on_events = hold
    protocol.dataReceived(submits(2, 2 * ROUND_PDUS))
    assert len(bound_stream.heard) == ROUND_PDUS
    assert loop.calls == []
    owner.on_events = note
    protocol.release_input()
    loop.turn()
    assert len(bound_stream.heard) == 2 * ROUND_PDUS
    assert is_reading(transport)


def test_links_have_larger_rounds(stream, owner, loop):
    turns = InputTurns(loop, 512)
    assert turns.pdus_max == 512
    turns.wait(stream(turns=turns)[0])
    assert turns.pdus_max == 256
