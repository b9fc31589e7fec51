"""Codec: one whole PDU between octets and Struct.

Laws: decode carries everything that can be carried (unknown commands, tags, statuses, reserved values,
strings over their maximum, repeated TLVs, TLVs of an illegal length) and raises only `PduDecodeError`;
encode of what was decoded gives the same octets. Whether a value is acceptable: field_checks.py.
The PDUs that come by the thousand are read and written in C where that was built (codec_choice.py).
Not here: cutting a stream (framer.py), what to do with a fault (session.py).
"""

import struct

from operator_push.smpp.body_walk import unwritable_field, walk_pdu
from operator_push.smpp.codec_choice import compiled
from operator_push.smpp.codec_errors import PduDecodeError, PduEncodeError
from operator_push.smpp.codec_source import Decoder, Encoder, frame, make_decoder, make_encoder
from operator_push.smpp.constants import HEADER_OCTETS, PDU_OCTETS_MAX, RESPONSE_BIT, CommandStatus
from operator_push.smpp.field_specs import FIELD_SPECS
from operator_push.smpp.pdu import PDU_TYPES, Pdu, ResponsePdu, UnknownPdu

__all__ = ["PduDecodeError", "PduEncodeError", "decode_pdu", "encode_pdu", "response_to"]

_HEADER = struct.Struct(">IIII")
_quick_decode = None if compiled is None else compiled.decode
_quick_encode = None if compiled is None else compiled.encode


class _Decoders(dict[int, Decoder | None]):
    def __missing__(self, command_id: int) -> Decoder | None:
        if command_id not in FIELD_SPECS:
            return None  # not kept: a peer could name four billion of them
        made = self[command_id] = make_decoder(command_id)
        return made


class _Encoders(dict[int, Encoder]):
    def __missing__(self, command_id: int) -> Encoder:
        made = self[command_id] = make_encoder(command_id)
        return made


_decoders = _Decoders()
_encoders = _Encoders()


def decode_pdu(octets: bytes) -> Pdu:
    """The PDU in `octets`: exactly one, header included. An unknown command_id gives an `UnknownPdu`.

    Raises:
        PduDecodeError: it is shorter than a header, command_length is not its length (SMPP v3.4 section
            3.2), a mandatory field is cut off, or what follows the fields is no TLV.
    """
    if _quick_decode is not None:
        pdu = _quick_decode(octets)
        if pdu is not None:
            return pdu
    try:
        length, command_id, command_status, sequence_number = _HEADER.unpack_from(octets)
    except struct.error:
        raise PduDecodeError(
            f"{len(octets)} octets are less than a header of {HEADER_OCTETS}",
            answer=CommandStatus.ESME_RINVCMDLEN,
            field="command_length",
        ) from None
    if length != len(octets):
        raise PduDecodeError(
            f"{length}, but the PDU has {len(octets)} octets",
            answer=CommandStatus.ESME_RINVCMDLEN,
            command_id=command_id,
            sequence_number=sequence_number,
            command_status=command_status,
            field="command_length",
        )
    decoder = _decoders[command_id]
    if decoder is None:
        return UnknownPdu(sequence_number, command_status, (), command_id, octets[HEADER_OCTETS:])
    try:
        return decoder(octets, command_status, sequence_number)
    except (ValueError, IndexError, struct.error):
        return walk_pdu(octets)


def encode_pdu(pdu: Pdu) -> bytes:
    """The octets of a PDU, header included.

    Raises:
        PduEncodeError: a field cannot be written so that it reads back the same: a number outside its octets,
            a NUL inside or a character outside latin-1 in a C-Octet String, a short_message over 255 octets,
            a TLV over 65,535, a PDU over PDU_OCTETS_MAX.
    """
    octets = None if _quick_encode is None else _quick_encode(pdu)
    try:
        if octets is None:
            octets = frame(pdu, pdu.body) if isinstance(pdu, UnknownPdu) else _encoders[pdu.command_id](pdu)
    except (ValueError, OverflowError, TypeError, struct.error) as fault:
        raise PduEncodeError(f"{type(pdu).__name__}: {unwritable_field(pdu) or fault}") from fault
    if len(octets) > PDU_OCTETS_MAX:
        raise PduEncodeError(f"{type(pdu).__name__}: {len(octets)} octets are over {PDU_OCTETS_MAX}")
    return octets


def response_to(request: Pdu, command_status: int = 0) -> ResponsePdu:
    """The response PDU of a request with its sequence_number; without a body where the status is an error.

    Raises:
        ValueError: the request has no response (alert_notification, outbind, an unknown command).
    """
    return response_of(request.command_id, request.sequence_number, command_status)


def response_of(command_id: int, sequence_number: int, command_status: int) -> ResponsePdu:
    """As `response_to`, from the numbers of a request's header."""
    response_type = PDU_TYPES.get(command_id | RESPONSE_BIT)
    if command_id >= RESPONSE_BIT or response_type is None or not issubclass(response_type, ResponsePdu):
        raise ValueError(f"command_id 0x{command_id:08x} has no response")
    raw_body = b"" if command_status and FIELD_SPECS[command_id | RESPONSE_BIT] else None
    return response_type(sequence_number, command_status, (), raw_body)
