"""A stream on the loop's own transport: what a protocol may ask of it, and what it is told."""

# ruff: noqa: N802 - Twisted names these methods.

import asyncio
import os
import socket
from types import SimpleNamespace

import pytest
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.protocol import Protocol
from twisted.internet.tcp import Server

from operator_push.smpp_twisted.loop_transport import LoopTransport, on_loop
from operator_push.smpp_twisted.reactor_choice import new_event_loop

PATIENCE_S = 30.0


class Opened:
    """Twisted's transport of a stream that is up, as far as the loop's needs it."""

    def __init__(self, end):
        self.socket = end
        self.calls = []
        self.lost = []

    def getPeer(self):
        return "peer"

    def getHost(self):
        return "host"

    def stopReading(self):
        self.calls.append("stop reading")

    def stopWriting(self):
        self.calls.append("stop writing")

    def setTcpNoDelay(self, enabled):
        self.calls.append(f"nodelay {enabled}")

    def setTcpKeepAlive(self, enabled):
        self.calls.append(f"keepalive {enabled}")

    def connectionLost(self, reason):
        self.lost.append(reason.type)


class Listener(Protocol):
    def __init__(self):
        self.heard = b""
        self.fault = None

    def dataReceived(self, data):
        if self.fault is not None:
            raise self.fault
        self.heard += data


class Producer:
    def __init__(self):
        self.told = []

    def pauseProducing(self):
        self.told.append("pause")

    def resumeProducing(self):
        self.told.append("resume")


class Stream:
    """One stream of TCP on loopback: `far` is the peer's socket."""

    def __init__(self, loop):
        self.loop = loop
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.far = socket.create_connection(server.getsockname())
            near, _ = server.accept()
        near.setblocking(False)
        self.far.settimeout(PATIENCE_S)
        self.opened = Opened(near)
        self.protocol = Listener()
        self.transport = LoopTransport(loop, self.opened, self.protocol)

    def until(self, condition):
        async def wait():
            async with asyncio.timeout(PATIENCE_S):
                while not condition():
                    await asyncio.sleep(0.001)

        self.loop.run_until_complete(wait())

    def turn(self):
        """A few turns of the loop."""
        for _ in range(5):
            self.loop.run_until_complete(asyncio.sleep(0))

    def taken_over(self):
        self.far.sendall(b"hello")
        self.until(lambda: self.protocol.heard == b"hello")
        self.protocol.heard = b""
        return self


@pytest.fixture
def loop():
    made = new_event_loop()
    made.set_exception_handler(lambda loop, context: None)  # one test raises in a callback on purpose
    yield made
    made.close()


@pytest.fixture
def stream(loop):
    made = Stream(loop)
    yield made
    made.far.close()
    made.transport.abortConnection()
    made.turn()


def test_octets_go_both_ways(stream):
    stream.taken_over()
    stream.transport.write(b"one ")
    stream.transport.write(b"two")
    stream.turn()
    assert stream.far.recv(7, socket.MSG_WAITALL) == b"one two"
    assert (stream.transport.getPeer(), stream.transport.getHost()) == ("peer", "host")


def test_twisted_leaves_the_socket_alone_from_the_first_moment(stream):
    assert stream.opened.calls == ["stop reading", "stop writing"]
    stream.transport.setTcpNoDelay(True)
    stream.transport.setTcpKeepAlive(True)
    assert stream.opened.calls[2:] == ["nodelay True", "keepalive True"]


def test_what_is_written_before_the_loop_has_the_stream_leaves_first(stream):
    stream.transport.write(b"bind ")
    stream.transport.write(b"request ")
    stream.taken_over()
    stream.transport.write(b"later")
    stream.transport.loseConnection()
    stream.until(lambda: stream.opened.lost)
    assert stream.far.makefile("rb").read() == b"bind request later"


@pytest.mark.parametrize("early", [True, False])
def test_a_close_writes_what_is_left_and_is_clean(stream, early):
    if not early:
        stream.taken_over()
    stream.transport.write(b"x" * 3_000_000)
    stream.transport.loseConnection()
    received = 0
    while chunk := _read(stream):
        received += len(chunk)
    stream.until(lambda: stream.opened.lost)
    assert received == 3_000_000
    assert stream.opened.lost == [ConnectionDone]


def _read(stream):
    """What has come, with the loop running meanwhile; b"" at the end."""
    stream.far.setblocking(False)
    found = []

    def ready():
        try:
            found.append(stream.far.recv(1_000_000))
        except BlockingIOError:
            return False
        return True

    stream.until(ready)
    return found[0]


@pytest.mark.parametrize("early", [True, False])
def test_an_abort_resets_the_stream(stream, early):
    if not early:
        stream.taken_over()
    stream.transport.abortConnection()
    stream.until(lambda: stream.opened.lost)
    assert stream.opened.lost == [ConnectionAborted]
    with pytest.raises(ConnectionResetError):
        stream.far.recv(1)


def test_an_abort_ends_a_close_that_does_not_end(stream):
    """The peer does not read: close waits for it, abort does not."""
    stream.taken_over()
    stream.transport.write(b"x" * 30_000_000)
    stream.transport.loseConnection()
    stream.turn()
    assert not stream.opened.lost
    stream.transport.abortConnection()
    stream.until(lambda: stream.opened.lost)
    assert stream.opened.lost == [ConnectionAborted]


def test_the_end_of_the_peers_octets_is_the_end_of_the_stream_told_once(stream):
    stream.taken_over()
    stream.far.shutdown(socket.SHUT_WR)
    stream.until(lambda: stream.opened.lost)
    stream.far.close()
    stream.turn()
    assert stream.opened.lost == [ConnectionDone]


def test_a_reset_by_the_peer_is_an_unclean_end(stream):
    stream.taken_over()
    stream.far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    stream.far.close()
    stream.until(lambda: stream.opened.lost)
    assert stream.opened.lost == [ConnectionLost]


@pytest.mark.parametrize("early", [True, False])
def test_while_reading_is_paused_nothing_is_heard(stream, early):
    if not early:
        stream.taken_over()
    stream.transport.pauseProducing()
    stream.turn()
    stream.far.sendall(b"wait")
    stream.turn()
    assert stream.protocol.heard == b""
    stream.transport.resumeProducing()
    stream.until(lambda: stream.protocol.heard == b"wait")


def test_the_producer_hears_of_a_peer_that_does_not_read_and_of_its_reading(stream):
    stream.taken_over()
    producer = Producer()
    stream.transport.registerProducer(producer, True)
    stream.transport.write(b"x" * 10_000_000)
    stream.until(lambda: producer.told == ["pause"])
    received = 0
    while received < 10_000_000:
        received += len(_read(stream))
    stream.until(lambda: producer.told == ["pause", "resume"])
    stream.transport.unregisterProducer()
    stream.transport.write(b"x" * 10_000_000)
    stream.turn()
    assert producer.told == ["pause", "resume"]


def test_a_protocol_that_fails_costs_its_own_stream(stream):
    stream.taken_over()
    stream.protocol.fault = RuntimeError("a fault of ours")
    stream.far.sendall(b"x")
    stream.until(lambda: stream.opened.lost)
    assert stream.opened.lost == [ConnectionLost]


def test_a_stream_leaves_no_file_descriptor_behind(loop):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        stream = Stream(loop).taken_over()
        stream.transport.loseConnection()
        stream.until(lambda stream=stream: stream.opened.lost)
        stream.far.close()
        stream.turn()
    assert len(os.listdir("/proc/self/fd")) <= before + 2  # the loop's own


def test_only_a_plain_stream_of_a_reactor_with_a_loop_is_taken_over(loop):
    other, plain = SimpleNamespace(), Server.__new__(Server)
    assert on_loop(other, SimpleNamespace(_asyncioEventloop=loop), Protocol()) is other
    assert on_loop(plain, SimpleNamespace(), Protocol()) is plain
