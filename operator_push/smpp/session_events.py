"""Session events: what a chunk of octets or the passing of time meant, told to the owner of a bind.

Laws: an event is a value; the session has already written every answer that is its own (enquire_link_resp,
unbind_resp, generic_nack, refusals of malformed and illegal requests). What is left to the owner: to answer
each `RequestReceived` (bind requests included), and to close the transport once `SmppSession.state` is
CLOSED and the output has been written.
Not here: when they happen (session.py).
"""

from enum import Enum

import msgspec

from operator_push.smpp.pdu import Pdu


class Event(msgspec.Struct, frozen=True, gc=False):
    """The root of all events."""


class RequestReceived(Event, frozen=True, gc=False):
    """A well-formed request that is legal now. The owner answers it with `send_response`.

    Bind requests come here too and are answered with `accept_bind` or `refuse_bind`; alert_notification and
    outbind have no response. `octets` are those of the whole PDU as it came.
    """

    pdu: Pdu
    octets: bytes = b""


class ResponseReceived(Event, frozen=True, gc=False):
    """The response to one of our requests, with the context given to `send_request`.

    `pdu` is the matching *_resp or a GenericNack; read its command_status. `request_command_id` is that of
    the request.
    """

    pdu: Pdu
    request_command_id: int
    context: object


class LateResponse(Event, frozen=True, gc=False):
    """A response to a request that was already reported by `RequestUnknown` as timed out.

    It tells what became of the request after all (for a submit_sm: its message_id); it resolves nothing.
    """

    pdu: Pdu
    request_command_id: int
    context: object


class UnknownReason(Enum):
    """Why nobody can tell what became of a request."""

    TIMED_OUT = "timed out"
    MALFORMED_RESPONSE = "malformed response"
    BIND_LOST = "bind lost"


class RequestUnknown(Event, frozen=True, gc=False):
    """A request of ours left the window without a readable answer: the peer may or may not have done it."""

    sequence_number: int
    request_command_id: int
    context: object
    reason: UnknownReason


class BoundEvent(Event, frozen=True, gc=False):
    """The session is bound. `pdu` is the bind request (SMSC role) or the bind response (ESME role)."""

    pdu: Pdu


class BindRefused(Event, frozen=True, gc=False):
    """ESME role: the SMSC answered our bind with a non-zero command_status (or generic_nack)."""

    pdu: Pdu


class Unbound(Event, frozen=True, gc=False):
    """The bind ended in order. `by_peer` tells who asked. The state is CLOSED."""

    by_peer: bool


class BindTimedOut(Event, frozen=True, gc=False):
    """No bind within settings.bind_timeout_s. The state is CLOSED."""


class PeerSilent(Event, frozen=True, gc=False):
    """Nothing was heard for the idle time and the time allowed for an enquire_link. The state is CLOSED."""

    silent_s: float


class FramingLost(Event, frozen=True, gc=False):
    """command_length was outside 16..70,000; a generic_nack is in the output and the state is CLOSED."""

    command_length: int


class ProtocolViolation(Event, frozen=True, gc=False):
    """The peer sent something that the session dealt with itself; nothing is left to do but to note it.

    `answered` is the command_status that was sent back, or None where nothing may be answered (responses).
    """

    command_id: int
    sequence_number: int
    answered: int | None
    detail: str
