"""The tap between a protocol and its transport."""

import pytest
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import EnquireLink, EnquireLinkResp
from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp_twisted.protocol import SmppProtocol
from smsc_sim.control.capture import Capture, ChunkKind
from smsc_sim.control.last_pdus import pdus_of
from smsc_sim.control.stream_tap import StreamTap


class Owner:
    """Attaches a tap as soon as the stream is up."""

    def __init__(self, capture):
        self.capture = capture
        self.closed_taps = []
        self.heard = []

    def connected(self, protocol):
        self.tap = StreamTap(self.capture, protocol, "b1", lambda: 5, self.closed_taps.append)

    def bound(self, protocol): ...

    def events(self, protocol, events, now):
        self.heard += events

    def closed(self, protocol, reason):
        self.tap.closed(reason)


@pytest.fixture
def stream():
    capture = Capture(100_000)
    owner = Owner(capture)
    session = SmppSession(SessionRole.SMSC, SessionSettings(), 0.0)
    protocol = SmppProtocol(session, owner, Clock(), lambda: 0.0)
    transport = StringTransport()
    transport.setTcpNoDelay = transport.setTcpKeepAlive = lambda enabled: None
    protocol.makeConnection(transport)
    return capture, owner, protocol, transport


def test_what_is_read_and_written_is_in_the_capture_as_it_was(stream):
    capture, _, protocol, transport = stream
    protocol.dataReceived(encode_pdu(EnquireLink(7)))
    octets = transport.value()
    assert octets
    came, left = (chunk for chunk in capture.chunks() if chunk.octets)
    assert (came.kind, came.octets) == (ChunkKind.IN, encode_pdu(EnquireLink(7)))
    assert (left.kind, left.octets) == (ChunkKind.OUT, octets)
    assert [seen.octets for seen in pdus_of(capture.chunks())] == [came.octets, left.octets]


def test_the_rest_of_the_transport_is_still_there(stream):
    _, _, protocol, transport = stream
    protocol.transport.writeSequence([b"ab", b"c"])
    protocol.transport.write(b"")
    assert transport.value() == b"abc"
    protocol.transport.pauseProducing()
    assert transport.producerState == "paused"


@pytest.mark.parametrize(
    ("reason", "close", "by_smsc", "broken"),
    [
        (ConnectionDone(), False, False, False),
        (ConnectionLost(), False, False, True),
        (ConnectionDone(), True, True, False),
    ],
)
def test_the_end_tells_who_ended_it_and_how(stream, reason, close, by_smsc, broken):
    capture, owner, protocol, _ = stream
    if close:
        protocol.close("the run ends")
    protocol.connectionLost(Failure(reason))
    last = capture.chunks()[-1]
    assert (last.kind, last.by_smsc, last.broken) == (ChunkKind.CLOSED, by_smsc, broken)
    assert owner.closed_taps == [owner.tap]


def test_an_abort_is_no_orderly_end(stream):
    capture, _, protocol, transport = stream
    protocol.abort("cut")
    protocol.connectionLost(Failure(ConnectionDone()))
    assert transport.disconnected
    last = capture.chunks()[-1]
    assert (last.by_smsc, last.broken) == (True, True)


def test_the_answer_still_reaches_the_session(stream):
    _, owner, protocol, _ = stream
    protocol.dataReceived(encode_pdu(EnquireLinkResp(9)))
    assert owner.heard
