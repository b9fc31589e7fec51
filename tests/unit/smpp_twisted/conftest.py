"""A stream in memory: a transport that records what Twisted would have been asked to do."""

# ruff: noqa: N802 - Twisted names these methods.

from types import SimpleNamespace

import pytest
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from operator_push.smpp.session import SessionRole, SessionSettings, SmppSession
from operator_push.smpp_twisted.protocol import SmppProtocol


class RecordingTransport:
    def __init__(self, protocol):
        self.protocol = protocol
        self.writes = []
        self.calls = []
        self.closing = False

    def write(self, data):
        self.writes.append(data)

    def loseConnection(self):
        self.calls.append("lose")
        self.closing = True

    def abortConnection(self):
        self.calls.append("abort")
        self.closing = True

    def setTcpNoDelay(self, enabled):
        self.calls.append(f"nodelay {enabled}")

    def setTcpKeepAlive(self, enabled):
        self.calls.append(f"keepalive {enabled}")

    def getPeer(self):
        return SimpleNamespace(host="127.0.0.1", port=50000)

    def registerProducer(self, producer, streaming):
        self.calls.append("register")

    def unregisterProducer(self):
        self.calls.append("unregister")

    def pauseProducing(self):
        self.calls.append("pause reading")

    def resumeProducing(self):
        self.calls.append("resume reading")

    def finish(self):
        self.protocol.connectionLost(Failure(ConnectionDone()))


class RecordingOwner:
    """Accepts every bind and answers nothing else; keeps what it was told, in order."""

    def __init__(self):
        self.told = []
        self.on_events = lambda protocol, events, now: None

    def connected(self, protocol):
        self.told.append("connected")

    def bound(self, protocol):
        self.told.append("bound")

    def events(self, protocol, events, now):
        self.told.append([type(event).__name__ for event in events])
        self.on_events(protocol, events, now)

    def closed(self, protocol, reason):
        self.told.append(("closed", reason))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def owner():
    return RecordingOwner()


@pytest.fixture
def new_owner():
    return RecordingOwner


@pytest.fixture
def stream(clock, owner):
    """A function that makes a connected protocol of a role with a recording transport."""

    def make(role=SessionRole.SMSC, settings=None, **options):
        session = SmppSession(role, settings or SessionSettings(), clock.seconds())
        protocol = SmppProtocol(session, owner, clock, clock.seconds, **options)
        transport = RecordingTransport(protocol)
        protocol.makeConnection(transport)
        return protocol, transport

    return make


@pytest.fixture
def recording_transport():
    return RecordingTransport
