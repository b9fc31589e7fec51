"""Session: one bind without its socket. Octets and the time go in, events and octets come out.

The owner feeds every chunk to `receive`, calls `tick` at `next_deadline`, and writes `take_output` once per
chunk. Laws:
- requests are answered here only where the protocol alone decides: enquire_link, unbind, unknown commands
  (generic_nack), malformed requests, illegal values and requests illegal in the state (their response with
  the status); everything else is a `RequestReceived` for the owner;
- a response is never answered; a malformed one resolves its request as unknown;
- one bad PDU costs one answer, not the bind; only lost framing, a silent peer or a missed bind close it;
- CLOSED is final: the owner writes what is left and closes the transport.
Not here: sockets (smpp_twisted), policy, and use of the window (`send_request` sends, `window_free` tells).
"""

from operator_push.smpp.bind_state import BIND_IDS
from operator_push.smpp.codec import decode_pdu, encode_pdu, response_to
from operator_push.smpp.codec_choice import compiled
from operator_push.smpp.codec_errors import PduDecodeError
from operator_push.smpp.constants import (
    RESPONSE_BIT,
    CommandId,
    CommandStatus,
)
from operator_push.smpp.field_checks import field_fault
from operator_push.smpp.framer import ALL_PDUS, Framer
from operator_push.smpp.operation_matrix import BOUND, SessionRole, SessionState
from operator_push.smpp.pdu import (
    BindPdu,
    BindRespPdu,
    EnquireLink,
    EnquireLinkResp,
    Pdu,
    Unbind,
    UnbindResp,
)
from operator_push.smpp.refusals import Refusal, framing_nack, refused, refused_in_state
from operator_push.smpp.session_events import (
    BindRefused,
    BindTimedOut,
    BoundEvent,
    Event,
    FramingLost,
    LateResponse,
    PeerSilent,
    ProtocolViolation,
    RequestReceived,
    RequestUnknown,
    ResponseReceived,
    Unbound,
    UnknownReason,
)
from operator_push.smpp.session_output import SessionOutput
from operator_push.smpp.session_settings import SessionSettings
from operator_push.smpp.timers import Timers
from operator_push.smpp.window import Window

__all__ = ["SessionRole", "SessionSettings", "SessionState", "SmppSession"]

_ENQUIRE_LINK = int(CommandId.enquire_link)
_UNBIND = int(CommandId.unbind)
_GENERIC_NACK = int(CommandId.generic_nack)
_quick_events = None if compiled is None else compiled.usual_events


class SmppSession(SessionOutput):
    """The protocol machine of one bind; see the module. `state` and what is told of the peer: `BindState`."""

    def __init__(self, role: SessionRole, settings: SessionSettings, now: float) -> None:
        super().__init__(role, Window(settings.window, settings.last_sequence_number))
        self._settings = settings
        check = settings.check_fields
        self._check_fields = role is SessionRole.SMSC if check is None else check
        self._framer = Framer()
        self._timers = Timers(
            now,
            bind_timeout_s=settings.bind_timeout_s,
            enquire_link_s=settings.enquire_link_s,
            response_timeout_s=settings.response_timeout_s,
        )

    # What the peer sent

    @property
    def input_waits(self) -> bool:
        """True where the last `receive` came to its limit: `receive(b"", now)` goes on with the rest."""
        return self._framer.has_more and not self.is_closed

    def receive(self, octets: bytes, now: float, pdus_max: int = ALL_PDUS) -> list[Event]:
        """Take a chunk from the transport; the events of the PDUs that it completed, in their order.

        No more than `pdus_max` PDUs are dealt with; see `input_waits`.
        """
        events: list[Event] = []
        if self.is_closed:
            return events
        self._timers.heard(now)
        framer, requests, check = self._framer, self._window.requests, self._check_fields
        pdus, at = framer.feed(octets, pdus_max), 0
        while True:
            if _quick_events is not None:
                at = _quick_events(pdus, at, self.peer_may_send, check, self.peer_version, requests, events)
            if at == len(pdus):
                break
            self._take(pdus[at], events)
            if self.is_closed:
                return events
            at += 1
        if framer.lost_length is not None:
            self._lose_framing(framer.lost_length, framer.lost_sequence_number, events)
        return events

    def _take(self, octets: bytes, events: list[Event]) -> None:
        try:
            pdu = decode_pdu(octets)
        except PduDecodeError as fault:
            self._malformed(fault, events)
            return
        if pdu.command_id >= RESPONSE_BIT:
            self._response(pdu, events)
        else:
            self._request(pdu, octets, events)

    def _request(self, pdu: Pdu, octets: bytes, events: list[Event]) -> None:
        command_id = pdu.command_id
        if command_id not in self.peer_may_send:
            self._refuse(refused_in_state(pdu, self), events)
            return
        if self._check_fields:
            fault = field_fault(pdu, self.peer_version)
            if fault is not None:
                detail = f"{fault.field}: {fault.detail}"
                self._refuse(refused(command_id, pdu.sequence_number, fault.status, detail), events)
                return
        if command_id == _ENQUIRE_LINK:
            self._output.append(encode_pdu(EnquireLinkResp(pdu.sequence_number)))
        elif command_id == _UNBIND:
            self._output.append(encode_pdu(UnbindResp(pdu.sequence_number)))
            self._end(events, by_peer=True)
        else:
            if command_id in BIND_IDS:
                self.bind_arrived()
            events.append(RequestReceived(pdu, octets))

    def _refuse(self, refusal: Refusal, events: list[Event]) -> None:
        answer, violation = refusal
        if answer:
            self._output.append(answer)
        events.append(violation)

    def _response(self, pdu: Pdu, events: list[Event]) -> None:
        number, open_requests = pdu.sequence_number, self._window.requests
        request = open_requests.get(number)
        if request is None:
            self._late_response(pdu, events)
            return
        command_id, _, context = request
        if pdu.command_id != command_id | RESPONSE_BIT and pdu.command_id != _GENERIC_NACK:
            detail = f"the request with this sequence_number has command_id 0x{command_id:08x}; it stays open"
            events.append(ProtocolViolation(pdu.command_id, number, None, detail))
            return
        del open_requests[number]
        if command_id == _ENQUIRE_LINK:
            return
        if command_id in BIND_IDS:
            self._bind_answered(pdu, command_id, events)
        elif command_id == _UNBIND:
            self._end(events, by_peer=False)
        else:
            events.append(ResponseReceived(pdu, command_id, context))

    def _late_response(self, pdu: Pdu, events: list[Event]) -> None:
        number = pdu.sequence_number
        request = self._window.peek_late(number)
        if request is not None and pdu.command_id in (request[0] | RESPONSE_BIT, _GENERIC_NACK):
            self._window.close_late(number)
            events.append(LateResponse(pdu, request[0], request[2]))
            return
        detail = "no request with this sequence_number is open"
        events.append(ProtocolViolation(pdu.command_id, number, None, detail))

    def _malformed(self, fault: PduDecodeError, events: list[Event]) -> None:
        command_id, number = fault.command_id, fault.sequence_number
        if fault.answer is not None:
            not_offered = command_id in self._settings.not_offered
            status = CommandStatus.ESME_RINVCMDID if not_offered else fault.answer
            self._refuse(refused(command_id, number, status, str(fault)), events)
            return
        request = self._window.peek(number) if command_id >= RESPONSE_BIT else None
        events.append(ProtocolViolation(command_id, number, None, str(fault)))
        if request is None or command_id not in (request[0] | RESPONSE_BIT, _GENERIC_NACK):
            return
        self._window.close(number)
        if request[0] == _UNBIND:
            self._end(events, by_peer=False)
        elif request[0] != _ENQUIRE_LINK:
            events.append(RequestUnknown(number, request[0], request[2], UnknownReason.MALFORMED_RESPONSE))

    def _lose_framing(self, length: int, number: int, events: list[Event]) -> None:
        self._output.append(framing_nack(number))
        events.append(FramingLost(length))
        self._close(events)

    # How binds begin and end

    def start_bind(self, pdu: BindPdu, now: float) -> int:
        """ESME role: send a bind with the settings' interface_version; `BoundEvent` or `BindRefused` follows.

        A bind that times out or is answered unreadably comes back as `RequestUnknown`.
        """
        pdu.interface_version = self._settings.interface_version
        return self.send_request(pdu, now)

    def accept_bind(self, bind_pdu: BindPdu, system_id: str, now: float) -> BoundEvent:
        """SMSC role: answer a bind request with ESME_ROK and enter its state.

        `system_id` is ours. The response carries sc_interface_version where the peer knows TLVs.

        Raises:
            RuntimeError: the session is not OPEN (it closed, or was bound, since the request).
        """
        if self.state is not SessionState.OPEN or self.role is not SessionRole.SMSC:
            raise RuntimeError(f"a bind cannot be accepted as {self.role.value} in {self.state.value}")
        answer = self.bind_accepted(bind_pdu, system_id, self._settings.interface_version)
        self._output.append(encode_pdu(answer))
        self._timers.bound()
        return BoundEvent(bind_pdu)

    def refuse_bind(self, bind_pdu: BindPdu, command_status: int) -> None:
        """SMSC role: answer a bind request with an error. The session stays OPEN: the peer may try again."""
        if self.state is SessionState.OPEN:
            self._output.append(encode_pdu(response_to(bind_pdu, command_status)))
            self.bind_refused()

    def unbind(self, now: float) -> None:
        """End the bind in order: `Unbound` follows with the response or the response time-out.

        Open requests may still be answered until then. Does nothing where nothing is bound.
        """
        if self.state in BOUND:
            self.send_request(Unbind(), now)
            self.enter(SessionState.UNBINDING)

    def connection_lost(self, now: float) -> list[Event]:
        """The transport is gone: every open request comes back as RequestUnknown(BIND_LOST)."""
        events: list[Event] = []
        self._close(events)
        return events

    # What the time brings

    def tick(self, now: float) -> list[Event]:
        """The events of deadlines that have passed; call it at `next_deadline` or later."""
        events: list[Event] = []
        if self.is_closed:
            return events
        timers = self._timers
        if timers.bind_is_late(now) and not self.bind_is_pending:
            events.append(BindTimedOut())
            self._close(events)
            return events
        self._expire_requests(now, events)
        if self.state in BOUND:
            if timers.peer_is_silent(now):
                events.append(PeerSilent(timers.silent_s(now)))
                self._close(events)
            elif timers.ask_is_due(now):
                self.send_request(EnquireLink(), now)
                timers.asked(now)
        return events

    def next_deadline(self) -> float | None:
        """The earliest moment (monotonic seconds) at which `tick` has something to do, or None."""
        if self.is_closed:
            return None
        deadline = None
        if not self.bind_is_pending:
            deadline = self._timers.next_deadline(is_bound=self.state in BOUND)
        sent_at = self._window.oldest_sent_at()
        if sent_at is not None and self._settings.response_timeout_s:
            expiry = sent_at + self._settings.response_timeout_s
            deadline = expiry if deadline is None else min(deadline, expiry)
        return deadline

    def _expire_requests(self, now: float, events: list[Event]) -> None:
        timeout_s = self._settings.response_timeout_s
        if not timeout_s:
            return
        for number, (command_id, _, context) in self._window.expire(now, timeout_s):
            if command_id == _UNBIND:
                self._end(events, by_peer=False)
            elif command_id != _ENQUIRE_LINK:  # the timers watch that one
                events.append(RequestUnknown(number, command_id, context, UnknownReason.TIMED_OUT))

    # Beginnings and ends

    def _bind_answered(self, pdu: Pdu, bind_id: int, events: list[Event]) -> None:
        if pdu.command_status or not isinstance(pdu, BindRespPdu):
            events.append(BindRefused(pdu))
            return
        self.bind_answered(pdu, bind_id, self._settings.sc_interface_version_default)
        self._timers.bound()
        events.append(BoundEvent(pdu))

    def _end(self, events: list[Event], *, by_peer: bool) -> None:
        if not self.is_closed:
            events.append(Unbound(by_peer))
            self._close(events)

    def _close(self, events: list[Event]) -> None:
        self.enter(SessionState.CLOSED)
        for number, (command_id, _, context) in self._window.drain():
            if command_id not in (_ENQUIRE_LINK, _UNBIND):
                events.append(RequestUnknown(number, command_id, context, UnknownReason.BIND_LOST))
