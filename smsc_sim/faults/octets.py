"""Octets: one encoded PDU with something changed or broken in it. Pure; every function gives whole octets.

SMPP v3.4 section 3.2 (command_length, command_id, command_status, sequence_number: four octets each).
"""

from struct import Struct

from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.constants import HEADER_OCTETS, SEQUENCE_NUMBER_MAX
from operator_push.smpp.pdu import DeliverSm, MessageIdRespPdu, ResponsePdu
from smsc_sim.faults.pdu_tables import LengthForm

_UINT32 = Struct(">I")
_TLV = Struct(">HH")
_HEADER = Struct(">IIII")
_HUGE = 0x7FFFFFFF
_TINY = 8  # Less than a header: no reader can go on after it.
_MISSING_OCTETS = 200  # What a lying TLV claims beyond the end.
_BROKEN_TAG = 0x1401  # From the range for SMSC vendors (SMPP v3.4 section 5.3.1).


def command_id_of(octets: bytes) -> int:
    """The command_id."""
    return int(_UINT32.unpack_from(octets, 4)[0])


def sequence_number_of(octets: bytes) -> int:
    """The sequence_number."""
    return int(_UINT32.unpack_from(octets, 12)[0])


def with_status(octets: bytes, status: int) -> bytes:
    """The response with an error status and so without its body (sections 4.1.2, 4.4.2)."""
    return _HEADER.pack(HEADER_OCTETS, command_id_of(octets), status, sequence_number_of(octets))


def with_sequence(octets: bytes, higher_by: int) -> bytes:
    """The PDU with another sequence_number, kept within its 31 bits."""
    number = (sequence_number_of(octets) + higher_by - 1) % SEQUENCE_NUMBER_MAX + 1
    return octets[:12] + _UINT32.pack(number) + octets[16:]


def with_message_id(octets: bytes, message_id: str) -> bytes:
    """The response with another message_id; a PDU without one stays as it is."""
    pdu = decode_pdu(octets)
    if not isinstance(pdu, MessageIdRespPdu) or pdu.raw_body is not None:
        return octets
    pdu.message_id = message_id
    return encode_pdu(pdu)


def with_tlv(octets: bytes, tag: int, value: bytes) -> bytes:
    """The PDU with one TLV more at its end; a response without a body has no place for one."""
    if len(octets) == HEADER_OCTETS:
        return octets
    return _with_length(octets + _TLV.pack(tag, len(value)) + value)


def without_tlvs(octets: bytes, tags: frozenset[int]) -> bytes:
    """The PDU without the TLVs of these tags."""
    pdu = decode_pdu(octets)
    if isinstance(pdu, ResponsePdu) and pdu.raw_body is not None:
        return octets
    pdu.tlvs = tuple((tag, value) for tag, value in pdu.tlvs if tag not in tags)
    return encode_pdu(pdu)


def unknown_pdu(command_id: int, sequence_number: int, body: bytes) -> bytes:
    """A PDU that says nothing to anybody."""
    return _HEADER.pack(HEADER_OCTETS + len(body), command_id, 0, sequence_number) + body


def with_bad_length(octets: bytes, form: LengthForm, by: int) -> bytes:
    """The PDU with a length that is not true; see `tables.BadLength`."""
    match form:
        case "short":
            return _UINT32.pack(max(HEADER_OCTETS, len(octets) - by)) + octets[4:]
        case "long":
            return _UINT32.pack(len(octets) + by) + octets[4:]
        case "huge":
            return _UINT32.pack(_HUGE) + octets[4:]
        case "tiny":
            return _UINT32.pack(_TINY) + octets[4:]
        case "truncated":
            return _with_length(octets[: max(HEADER_OCTETS + 1, len(octets) - by)])
        case "trailing":
            return _with_length(octets + b"\xff" * by)
        case "tlv_length":
            return _with_length(octets + _TLV.pack(_BROKEN_TAG, _MISSING_OCTETS) + b"\x00")
        case "sm_length":
            return _with_sm_length(octets, by)


def _with_sm_length(octets: bytes, by: int) -> bytes:
    pdu = decode_pdu(octets)
    if not isinstance(pdu, DeliverSm):
        return octets
    strings = (
        pdu.service_type,
        pdu.source_addr,
        pdu.destination_addr,
        pdu.schedule_delivery_time,
        pdu.validity_period,
    )
    # Two TONs and NPIs, esm_class, protocol_id, priority_flag and the four octets before sm_length.
    at = HEADER_OCTETS + sum(len(text) + 1 for text in strings) + 4 + 3 + 4
    return octets[:at] + bytes((min(255, octets[at] + by),)) + octets[at + 1 :]


def _with_length(octets: bytes) -> bytes:
    return _UINT32.pack(len(octets)) + octets[4:]
