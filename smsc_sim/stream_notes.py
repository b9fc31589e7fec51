"""Stream notes: what the session did by itself, as witness rows."""

from operator_push.smpp.constants import command_name, status_name
from operator_push.smpp.session_events import (
    BindTimedOut,
    Event,
    FramingLost,
    PeerSilent,
    ProtocolViolation,
    Unbound,
)
from smsc_sim.witness import Witness


def note_stream_event(witness: Witness, t: int, bind: str, event: Event) -> None:
    """Write the row of an event that asks nothing of the SMSC; others are passed over."""
    match event:
        case ProtocolViolation(
            command_id=command_id, sequence_number=number, answered=answered, detail=detail
        ):
            status = "" if answered is None else status_name(answered)
            name = command_name(command_id) or f"0x{command_id:08x}"
            witness.violation(t, bind, name, number, status, detail)
        case Unbound(by_peer=by_peer):
            witness.stream_event(t, bind, "unbound", "by the ESME" if by_peer else "by the SMSC")
        case BindTimedOut():
            witness.stream_event(t, bind, "bind_timed_out", "no bind request in time")
        case PeerSilent(silent_s=silent_s):
            witness.stream_event(t, bind, "peer_silent", f"nothing heard for {silent_s:.1f} s")
        case FramingLost(command_length=length):
            witness.stream_event(t, bind, "framing_lost", f"command_length {length}")
