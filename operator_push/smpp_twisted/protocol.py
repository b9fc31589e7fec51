"""The protocol: octets of one TCP stream in and out of one `SmppSession`, its timers on the reactor.

Laws: one `session.receive`, one owner call and at most one `transport.write` per chunk; the clock is read
once per chunk; the buffer of what a peer does not read is bounded twice: a listening side stops reading such
a peer, and beyond `unread_octets_max` either side aborts. The session decides, the owner acts.
"""

# ruff: noqa: N802 - Twisted names these methods.

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol as TypedProtocol
from typing import cast

from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure

from operator_push.smpp.pdu import BindPdu
from operator_push.smpp.session import SmppSession
from operator_push.smpp.session_events import BoundEvent, Event
from operator_push.smpp_twisted.input_turns import InputTurns
from operator_push.smpp_twisted.loop_transport import on_loop
from operator_push.smpp_twisted.shapes import DelayedCall, ReactorTime, StreamTransport

UNREAD_OCTETS_MAX = 8 * 1024 * 1024  # Ours: what a peer that stopped reading may cost before it is dropped.
CLOSE_PATIENCE_S = 5.0  # Ours: how long a closing stream may take to hand over its last octets.


class ProtocolOwner(TypedProtocol):
    """Who acts on what a bind says: the gateway's server and links, the simulator."""

    def connected(self, protocol: "SmppProtocol") -> None:
        """The stream is up. An ESME calls `protocol.start_bind` here; an SMSC waits for the bind request."""

    def bound(self, protocol: "SmppProtocol") -> None:
        """The session is bound; called before `events` when the bind's response arrives in the same chunk."""

    def events(self, protocol: "SmppProtocol", events: list[Event], now: float) -> None:
        """Everything that one chunk, one timer or the end of the stream meant, in order; never empty.

        What the owner writes into the session meanwhile leaves in one write after this call.
        """

    def closed(self, protocol: "SmppProtocol", reason: str) -> None:
        """The stream is gone; events of open requests (`RequestUnknown`) came through `events` before."""


class SmppProtocol(Protocol):
    """One bind's stream. Not for reuse: a reconnect makes a new protocol and a new session."""

    transport: StreamTransport  # type: ignore[assignment]

    def __init__(
        self,
        session: SmppSession,
        owner: ProtocolOwner | None,
        reactor: ReactorTime,
        clock: Callable[[], float] = time.monotonic,
        *,
        stop_reading_when_unread: bool = False,
        unread_octets_max: int = UNREAD_OCTETS_MAX,
        turns: InputTurns | None = None,
    ) -> None:
        self.session = session
        self.owner = cast(
            ProtocolOwner, owner
        )  # Where it is None, the factory sets it before the stream is up.
        self.clock = clock
        self.was_bound = False
        self.peer = ""  # "127.0.0.1:50000", for logs
        self.close_reason = ""  # Why our side closed; empty while it did not
        self._reactor = reactor
        # Only the side that listens stops reading a peer that does not read. If both did, two of us with full
        # buffers would wait for each other for ever; what the other side sends is bounded by its window.
        self._stop_reading_when_unread = stop_reading_when_unread
        self._unread_octets_max = unread_octets_max
        self._turns = turns  # None: all that a chunk holds is dealt with at once.
        self._waits_for_turn = False
        self._is_held = False  # by the owner
        self._connected = False
        self._busy = False  # Inside a call to the owner: output waits for its end.
        self._unread_octets: int | None = None  # Written while the peer does not read; None while it reads.
        self._is_ending = False  # The transport was told to close or abort.
        self._timer: DelayedCall | None = None
        self._timer_deadline = 0.0
        self._last_call: DelayedCall | None = None  # Aborts a stream that does not finish closing.

    # What the owner calls.

    def flush(self) -> None:
        """Write what the session has to say; inside a call to the owner that is left to the call's end."""
        if not self._busy:
            self._after_session(self.clock())

    def start_bind(self, pdu: BindPdu) -> None:
        """ESME role: send a bind request. `owner.bound` or a BindRefused event follows."""
        self.session.start_bind(pdu, self.clock())
        self.flush()

    def accept_bind(self, bind_pdu: BindPdu, system_id: str) -> None:
        """SMSC role: answer a bind request with ESME_ROK; calls `owner.bound`."""
        self.session.accept_bind(bind_pdu, system_id, self.clock())
        self._tell_bound()
        self.flush()

    def refuse_bind(self, bind_pdu: BindPdu, command_status: int) -> None:
        """SMSC role: answer a bind request with an error, then close the stream once that is written."""
        self.session.refuse_bind(bind_pdu, command_status)
        self.close("bind refused")

    def bound_by_owner(self) -> None:
        """SMSC role: the owner has answered the bind request through the session itself; calls `owner.bound`.

        Once is enough; until then every chunk is searched for the event that tells of a bind.
        """
        if not self.was_bound:
            self._tell_bound()

    def close(self, reason: str) -> None:
        """Write what is left and close the stream; `owner.closed` follows with the first reason given."""
        if self._connected:
            self.close_reason = self.close_reason or reason
            self.flush()

    def hold_input(self) -> None:
        """Read nothing more until `release_input`: the peer's next octets wait in its own TCP buffer.

        What the current chunk still holds is dealt with where it has no turns, and waits where it has.
        """
        self._is_held = True
        if self._connected:
            self.transport.pauseProducing()

    def release_input(self) -> None:
        """Go on reading, what waits first."""
        if not self._is_held:
            return
        self._is_held = False
        if self._turns is not None and self.session.input_waits and not self._waits_for_turn:
            self._waits_for_turn = True
            self._turns.wait(self)
        self._read_on()

    def abort(self, reason: str) -> None:
        """Close the stream at once; what was not written is lost."""
        if self._connected:
            self.close_reason = self.close_reason or reason
            self._is_ending = True
            with suppress(RuntimeError, OSError):  # gone already
                self.transport.abortConnection()

    # What Twisted calls.

    def connectionMade(self) -> None:
        self._connected = True
        transport = self.transport = on_loop(self.transport, self._reactor, self)
        transport.setTcpNoDelay(True)
        transport.setTcpKeepAlive(True)
        peer = transport.getPeer()
        self.peer = f"{getattr(peer, 'host', peer)}:{getattr(peer, 'port', 0)}"
        transport.registerProducer(self, True)
        self._busy = True
        try:
            self.owner.connected(self)
        finally:
            self._busy = False
        self._after_session(self.clock())

    def dataReceived(self, data: bytes) -> None:
        if self.close_reason:
            return  # Closing: what still arrives has nobody to answer it.
        now = self.clock()
        turns = self._turns
        if turns is None:
            self._tell(self.session.receive(data, now), now)
            self._after_session(now)
        elif self._waits_for_turn or self._is_held:  # Decrypted before the reading stopped.
            self.session.receive(data, now, 0)
        else:
            self._take_turn(turns, data, now)

    def take_turn(self) -> None:
        """Our turn among the binds whose input waits has come (see InputTurns)."""
        self._waits_for_turn = False
        may = self._connected and not self.close_reason and not self._is_held
        if may and self._turns is not None:
            self._take_turn(self._turns, b"", self.clock())
        self._read_on()

    def connectionLost(self, reason: Failure | None = None) -> None:
        self._connected = False
        for call in (self._timer, self._last_call):
            if call is not None and call.active():
                call.cancel()
        self._timer = None
        now = self.clock()
        self._tell(self.session.connection_lost(now), now)
        self.session.take_output()  # Nobody will read it.
        self.owner.closed(self, self.close_reason or (reason.getErrorMessage() if reason else ""))

    def pauseProducing(self) -> None:
        """The peer reads more slowly than we write: we are our own transport's IPushProducer."""
        if self._unread_octets is None:
            self._unread_octets = 0
            if self._stop_reading_when_unread:
                self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """The peer has read what we wrote."""
        if self._unread_octets is not None:
            self._unread_octets = None
            self._read_on()

    def stopProducing(self) -> None:
        """The transport is going down; connectionLost follows."""

    # Below here: the way of one chunk.

    def _take_turn(self, turns: InputTurns, data: bytes, now: float) -> None:
        """Deal with a turn's worth; what is left waits, and more waits in the peer's own TCP buffer."""
        self._tell(self.session.receive(data, now, turns.pdus_max), now)
        self._after_session(now)
        if self.session.input_waits and not self.close_reason and not self._is_held:
            self._waits_for_turn = True
            turns.wait(self)
            self.transport.pauseProducing()

    def _read_on(self) -> None:
        """Read again, unless the peer does not read what we wrote, or input waits for a turn or the owner."""
        unread = self._stop_reading_when_unread and self._unread_octets is not None
        if self._connected and not unread and not self._waits_for_turn and not self._is_held:
            self.transport.resumeProducing()

    def _tell(self, events: list[Event], now: float) -> None:
        if not events:
            return
        self._busy = True
        try:
            if not self.was_bound and any(isinstance(event, BoundEvent) for event in events):
                self._tell_bound()
            self.owner.events(self, events, now)
        finally:
            self._busy = False

    def _tell_bound(self) -> None:
        self.was_bound = True
        self.owner.bound(self)

    def _after_session(self, now: float) -> None:
        if not self._connected:
            return
        self._write_output()
        if self.session.is_closed and not self.close_reason:
            self.close_reason = "the session ended"
        if self.close_reason:
            self._finish_stream()
        else:
            self._arm_timer(now)

    def _write_output(self) -> None:
        output = self.session.take_output()
        if not output:
            return
        if self._unread_octets is not None:
            self._unread_octets += len(output)
            if self._unread_octets > self._unread_octets_max:
                self.abort(f"the peer left more than {self._unread_octets_max} octets unread")
                return
        try:
            self.transport.write(output)
        except (RuntimeError, OSError) as error:
            # The peer has hung up and its transport knows it before we do; connectionLost follows.
            self.abort(f"the stream is gone: {error}")

    def _finish_stream(self) -> None:
        """Close once everything is written; a peer that does not read gets CLOSE_PATIENCE_S."""
        if not self._is_ending:
            self._is_ending = True
            self._last_call = self._reactor.callLater(CLOSE_PATIENCE_S, self.abort, self.close_reason)
            # A paused producer would keep the transport from finishing (it resumes it instead of closing).
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def _arm_timer(self, now: float) -> None:
        """Keep one delayed call that fires no later than the session's next deadline.

        A deadline that moved away is left to the call that stands: it fires, finds nothing due and is set
        anew. So a busy bind does not touch the reactor's timers with every chunk.
        """
        deadline = self.session.next_deadline()
        timer = self._timer
        if deadline is None or (timer is not None and self._timer_deadline <= deadline):
            return
        if timer is not None:
            timer.cancel()
        self._timer_deadline = deadline
        self._timer = self._reactor.callLater(max(0.0, deadline - now), self._timer_fired)

    def _timer_fired(self) -> None:
        self._timer = None
        now = self.clock()
        self._tell(self.session.tick(now), now)
        self._after_session(now)
