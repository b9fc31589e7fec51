"""Loop transport: a stream that Twisted opened, read and written by the event loop's own transport.

Twisted's asyncio reactor asks the loop about every socket twice per write (writable? no more) and passes
each chunk through five calls; the loop's own transport writes at once and reads with one. So once a plain
stream of TCP is up, the loop reads and writes it, and Twisted's transport stays what it was to everybody
else: it has opened or accepted the stream, and ends it (its connector, endpoint and the protocol hear of it
as always).
Laws: the protocol cannot tell the two apart; TLS and reactors without a loop stay with Twisted.
"""

# ruff: noqa: N802 - Twisted names these methods.

import asyncio
import logging
import socket
from contextlib import suppress
from struct import pack
from typing import Any, cast

from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.protocol import Protocol
from twisted.internet.tcp import Client, Server
from twisted.python.failure import Failure

from operator_push.smpp_twisted.shapes import StreamTransport

log = logging.getLogger(__name__)

_RESET = pack("ii", 1, 0)  # SO_LINGER: closing sends a reset, as Twisted's abortConnection does


def on_loop(transport: StreamTransport, reactor: Any, protocol: Protocol) -> StreamTransport:
    """The transport to use for a stream that is just up: the loop's where it can be, else `transport`."""
    loop = getattr(reactor, "_asyncioEventloop", None)
    if loop is None or type(transport) not in (Server, Client):
        return transport
    return LoopTransport(loop, transport, protocol)


class LoopTransport:
    """ITCPTransport and IPushProducer of one stream over an asyncio transport.

    What is written before the loop has taken the stream over (in its next turn) waits here.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, opened: Any, protocol: Protocol) -> None:
        self._loop = loop
        self._opened = opened  # Twisted's transport, which owns the socket
        self._protocol = protocol
        self._producer: Any = None
        self._stream: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self._reads = True
        self._is_closing = self._is_aborted = self._is_over = False
        self._peer, self._host = opened.getPeer(), opened.getHost()
        opened.stopReading()
        opened.stopWriting()
        self._taking_over = loop.create_task(self._take_over())

    # What the protocol calls.

    def write(self, data: bytes) -> None:
        """Write as soon as can be; what the socket does not take is kept."""
        if self._stream is None:
            self._early.append(data)
        else:
            self._stream.write(data)

    def loseConnection(self) -> None:
        """Close once everything is written."""
        self._is_closing = True
        if self._stream is not None:
            self._stream.close()

    def abortConnection(self) -> None:
        """Reset the stream; what is not written is lost."""
        self._is_aborted = True
        if self._stream is not None:
            with suppress(OSError):
                self._opened.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._stream.abort()

    def setTcpNoDelay(self, enabled: bool) -> None:
        self._opened.setTcpNoDelay(enabled)

    def setTcpKeepAlive(self, enabled: bool) -> None:
        self._opened.setTcpKeepAlive(enabled)

    def getPeer(self) -> Any:
        return self._peer

    def getHost(self) -> Any:
        return self._host

    def registerProducer(self, producer: object, streaming: bool) -> None:
        """`producer` (always a push producer here) hears when the peer reads more slowly than we write."""
        self._producer = producer

    def unregisterProducer(self) -> None:
        self._producer = None

    def pauseProducing(self) -> None:
        """Read no more for now."""
        self._reads = False
        if self._stream is not None:
            self._stream.pause_reading()

    def resumeProducing(self) -> None:
        """Read again."""
        self._reads = True
        if self._stream is not None:
            self._stream.resume_reading()

    # What the loop calls.

    async def _take_over(self) -> None:
        try:
            await self._loop.connect_accepted_socket(
                lambda: _LoopEnd(self, self._protocol), self._opened.socket
            )
        except OSError as error:
            self.ended(error)

    def made(self, stream: asyncio.Transport) -> None:
        """The loop has the stream: do what was asked for until now."""
        self._stream = stream
        if not self._reads:
            # It begins to read after this call, so one chunk may be heard before this is done.
            self._loop.call_soon(self._pause_still)
        if self._early:
            stream.write(b"".join(self._early))
            self._early.clear()
        if self._is_aborted:
            self.abortConnection()
        elif self._is_closing:
            stream.close()

    def _pause_still(self) -> None:
        if not self._reads and self._stream is not None:
            self._stream.pause_reading()

    def unread(self, *, is_full: bool) -> None:
        """The peer has begun or ceased to leave unread what we write."""
        if self._producer is not None:
            if is_full:
                self._producer.pauseProducing()
            else:
                self._producer.resumeProducing()

    def peer_closed(self) -> None:
        """The peer sends no more: the end at once, as with Twisted."""
        self._end(ConnectionDone())

    def ended(self, error: Exception | None) -> None:
        """The stream is gone."""
        if self._is_aborted:
            self._end(ConnectionAborted())
        else:
            self._end(ConnectionDone() if error is None else ConnectionLost())

    def _end(self, reason: Exception) -> None:
        if not self._is_over:
            self._is_over = True
            self._opened.connectionLost(Failure(reason))


class _LoopEnd(asyncio.Protocol):
    def __init__(self, owner: LoopTransport, protocol: Protocol) -> None:
        self._owner = owner
        # The protocol's own, which saves a call a chunk; one that fails costs its stream, as with Twisted.
        self.data_received = protocol.dataReceived  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._owner.made(cast(asyncio.Transport, transport))

    def connection_lost(self, exc: Exception | None) -> None:
        self._owner.ended(exc)

    def pause_writing(self) -> None:
        self._owner.unread(is_full=True)

    def resume_writing(self) -> None:
        self._owner.unread(is_full=False)

    def eof_received(self) -> None:
        self._owner.peer_closed()
