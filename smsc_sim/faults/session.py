"""The session of the simulator: an SmppSession through which faults can reach every PDU and the stream.

Without a fault in force it costs one comparison per PDU. What leaves passes `PduFaults`, what the stream does
with the octets is a `Gate`. Not here: what a fault does (outgoing.py, stream.py).
"""

from typing import Protocol

from operator_push.smpp.framer import ALL_PDUS
from operator_push.smpp.pdu import BindPdu, Pdu
from operator_push.smpp.session import SessionRole, SessionSettings, SessionState
from operator_push.smpp.session_events import BoundEvent, Event
from smsc_sim.quick_session import QuickSession


class PduFaults(Protocol):
    """The faults of one bind, as its session sees them."""

    def leaves(self, octets: bytes, request: Pdu | None, context: object) -> None:
        """A PDU is about to leave: `put` it, changed or not, now or later, or not at all.

        `request` is the PDU where it is a request of ours, `context` what its sender gave.
        """
        ...

    def stream_ended(self) -> None:
        """The transport is gone."""
        ...


class Gate(Protocol):
    """What stands in the way of a stream's octets."""

    def out(self, octets: bytes, *, closing: bool) -> bytes:
        """What may leave now of what was written."""
        ...

    def into(self, octets: bytes) -> bytes:
        """What may be heard of what has come."""
        ...

    def is_deaf(self) -> bool:
        """Whether the session's own timers and window stand still."""
        ...

    def closes(self) -> bool:
        """Whether the stream ends once `out` has been written."""
        ...


class FaultableSession(QuickSession):
    """See the module. `faults` are shown every PDU that leaves while `is_watched`, which their desk sets."""

    def __init__(self, role: SessionRole, settings: SessionSettings, now: float) -> None:
        super().__init__(role, settings, now)
        self.faults: PduFaults | None = None
        self.gate: Gate | None = None

    def take_written(self) -> bytes:
        """What has been written and not yet taken, without the gate: for the gate that is about to be set."""
        return super().take_output()

    def end_stream(self) -> None:
        """The stream ends once the output is written; open requests come back when the transport is gone."""
        self.enter(SessionState.CLOSED)

    # What the owner sends.

    def send_response(self, pdu: Pdu) -> None:
        written = len(self._output)
        super().send_response(pdu)
        if self.is_watched and len(self._output) > written:
            self._show(None, None)

    def send_request(self, pdu: Pdu, now: float, context: object = None) -> int:
        number = super().send_request(pdu, now, context)
        if self.is_watched:
            self._show(pdu, context)
        return number

    def accept_bind(self, bind_pdu: BindPdu, system_id: str, now: float) -> BoundEvent:
        event = super().accept_bind(bind_pdu, system_id, now)
        if self.is_watched:
            self._show(None, None)
        return event

    def refuse_bind(self, bind_pdu: BindPdu, command_status: int) -> None:
        written = len(self._output)
        super().refuse_bind(bind_pdu, command_status)
        if self.is_watched and len(self._output) > written:
            self._show(None, None)

    # Octets and time.

    def receive(self, octets: bytes, now: float, pdus_max: int = ALL_PDUS) -> list[Event]:
        if self.gate is not None:
            octets = self.gate.into(octets)
            if not octets:
                return []
        if not self.is_watched or self.faults is None:
            return super().receive(octets, now, pdus_max)
        written = len(self._output)
        events = super().receive(octets, now, pdus_max)
        own_answers = self._output[written:]
        if own_answers:
            del self._output[written:]
            for answer in own_answers:
                self.faults.leaves(answer, None, None)
        return events

    def _show(self, request: Pdu | None, context: object) -> None:
        """Show the faults what was written last; they put it back as it is to leave."""
        if self.faults is not None:
            self.faults.leaves(self._output.pop(), request, context)

    def take_output(self) -> bytes:
        gate = self.gate
        if gate is None:
            return super().take_output()
        octets = gate.out(super().take_output(), closing=self.is_closed)
        if gate.closes():
            self.end_stream()
        return octets

    def tick(self, now: float) -> list[Event]:
        return [] if self.gate is not None and self.gate.is_deaf() else super().tick(now)

    def next_deadline(self) -> float | None:
        return None if self.gate is not None and self.gate.is_deaf() else super().next_deadline()

    def window_free(self) -> int:
        return 0 if self.gate is not None and self.gate.is_deaf() else super().window_free()

    def connection_lost(self, now: float) -> list[Event]:
        if self.faults is not None:
            self.faults.stream_ended()
        return super().connection_lost(now)
