"""Refusals: the answers that the protocol itself gives, each with the event that tells of it.

Law: a response is never refused; a request without a response is only reported.
Not here: refusals for business reasons (the owner's).
"""

from operator_push.smpp.bind_state import BIND_IDS, BindState
from operator_push.smpp.codec import encode_pdu, response_of
from operator_push.smpp.constants import CommandStatus, status_name
from operator_push.smpp.operation_matrix import SessionRole
from operator_push.smpp.pdu import GenericNack, Pdu, UnknownPdu
from operator_push.smpp.session_events import ProtocolViolation

Refusal = tuple[bytes, ProtocolViolation]  # what to write (b"" for nothing), what to report


def refused(command_id: int, sequence_number: int, status: CommandStatus, detail: str) -> Refusal:
    """The response of this request with an error status and without a body."""
    try:
        answer = response_of(command_id, sequence_number, status)
    except ValueError:  # alert_notification and outbind have no response
        detail = f"{status_name(status)}: {detail}"
        return b"", ProtocolViolation(command_id, sequence_number, None, detail)
    return encode_pdu(answer), ProtocolViolation(command_id, sequence_number, status, detail)


def refused_in_state(pdu: Pdu, bind: BindState) -> Refusal:
    """The answer to a request that is not legal where the bind stands, or that nobody knows."""
    command_id, number = pdu.command_id, pdu.sequence_number
    if isinstance(pdu, UnknownPdu):
        return unknown_command(command_id, number)
    status = CommandStatus.ESME_RINVBNDSTS
    if bind.has_bind and command_id in BIND_IDS and bind.role is SessionRole.SMSC:
        status = CommandStatus.ESME_RALYBND
    return refused(command_id, number, status, f"not legal in state {bind.state.value}")


def unknown_command(command_id: int, sequence_number: int) -> Refusal:
    """generic_nack with ESME_RINVCMDID (SMPP v3.4 section 4.3)."""
    status = CommandStatus.ESME_RINVCMDID
    violation = ProtocolViolation(command_id, sequence_number, status, "unknown command_id")
    return encode_pdu(GenericNack(sequence_number, status)), violation


def framing_nack(sequence_number: int) -> bytes:
    """generic_nack with ESME_RINVCMDLEN: the last octets before the close (SMPP v3.4 section 4.3)."""
    return encode_pdu(GenericNack(sequence_number, CommandStatus.ESME_RINVCMDLEN))
