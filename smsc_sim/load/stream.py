"""Stream: one bind's TCP stream, made again when it is lost.

On asyncio's own transports (uvloop's where it is present) instead of Twisted's: at a few thousand messages a
second most chunks hold one PDU, and there a Twisted chunk costs this program twice as much.
Laws: one write per chunk; the clock is read once per chunk; a stream that was bound and is lost is made again
after `reconnect_s` as long as the run wants it.
"""

import asyncio
import socket
from collections.abc import Callable
from typing import cast

from smsc_sim.load.esme import LoadEsme, Phase

CONNECT_TIMEOUT_S = 10.0
CLOSE_PATIENCE_S = 2.0  # Ours: how long a closing stream may take to hand over its last octets.


class LoadStream:
    """Keeps the stream of one `LoadEsme`. `changed` is told when it is bound, or has failed or closed."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        esme: LoadEsme,
        host: str,
        port: int,
        reconnect_s: float,
        clock: Callable[[], float],
        changed: Callable[["LoadStream"], None],
    ) -> None:
        self.esme = esme
        self.failure = ""  # why there is no stream now, a sentence
        self._loop = loop
        self._where = (host, port)
        self._reconnect_s = reconnect_s
        self._clock = clock
        self._changed = changed
        self._transport: asyncio.Transport | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._last_call: asyncio.TimerHandle | None = None
        self._is_wanted = False

    @property
    def is_down(self) -> bool:
        """True where no stream is up or being made, now or later."""
        return self._transport is None and self._retry is None and self._connecting is None

    def start(self) -> None:
        """Connect and bind."""
        self._is_wanted = True
        self._connect()

    def retire(self) -> None:
        """Do not connect again."""
        self._is_wanted = False
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        if self._connecting is not None:
            self._connecting.cancel()
            self._connecting = None

    def unbind(self) -> None:
        """End the bind in order, or drop a stream that is not bound."""
        self.retire()
        if self.esme.phase is Phase.BOUND:
            self.esme.unbind(self._clock())
            self.flush()
        elif self._transport is not None:
            self._transport.abort()

    def abort(self) -> None:
        """Close at once."""
        self.retire()
        if self._transport is not None:
            self._transport.abort()

    def flush(self) -> None:
        """Write what the bind has to say; close the stream where the bind has closed."""
        transport = self._transport
        if transport is None:
            return
        output = self.esme.take_output()
        if output:
            transport.write(output)
        if self.esme.phase is Phase.CLOSED and self._last_call is None:
            transport.close()
            # A peer that does not read would keep a closing stream, and so the next bind, for ever.
            self._last_call = self._loop.call_later(CLOSE_PATIENCE_S, transport.abort)

    # Called by the protocol

    def made(self, transport: asyncio.Transport) -> None:
        """The stream is up."""
        self._transport = transport
        self._connecting = None
        self.failure = ""
        stream_socket = transport.get_extra_info("socket")
        if stream_socket is not None:
            stream_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.esme.connected(self._clock())
        self.flush()

    def received(self, octets: bytes) -> None:
        """A chunk came."""
        esme = self.esme
        if esme.phase is Phase.CLOSED:
            return
        now = self._clock()
        before = esme.phase
        esme.receive(octets, now)
        if esme.phase is not before:
            self._changed(self)
        esme.fill(now)
        self.flush()

    def ended(self, reason: str) -> None:
        """The stream is gone."""
        self._transport = None
        if self._last_call is not None:
            self._last_call.cancel()
            self._last_call = None
        self.esme.lost(self._clock(), reason)
        self._is_over(self.esme.reason)

    def _connect(self) -> None:
        self._retry = None
        self._connecting = self._loop.create_task(self._connect_once())

    async def _connect_once(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await self._loop.create_connection(lambda: _Protocol(self), *self._where)
        except (OSError, TimeoutError) as error:
            self._connecting = None
            host, port = self._where
            why = (error.strerror if isinstance(error, OSError) else "") or "no answer in time"
            self._is_over(f"cannot connect to {host}:{port}: {why}")

    def _is_over(self, reason: str) -> None:
        self.failure = reason
        if self._is_wanted:
            self._retry = self._loop.call_later(self._reconnect_s, self._connect)
        self._changed(self)


class _Protocol(asyncio.Protocol):
    def __init__(self, stream: LoadStream) -> None:
        self._stream = stream
        self.data_received = stream.received  # type: ignore[method-assign,assignment]  # saves a call a chunk

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._stream.made(cast(asyncio.Transport, transport))

    def connection_lost(self, exc: Exception | None) -> None:
        self._stream.ended(str(exc) if exc else "the SMSC closed the stream")
