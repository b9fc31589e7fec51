"""Message cutting: a submit_sm or a text to the short messages that it becomes, and each to its submit_sm.

What is stored of a message is one body; its segments are cut when they are needed, and a restart cuts the
same octets. What the segments look like is operator_push.text's; fields and TLVs of their PDUs are here.
"""

import msgspec

from operator_push.kernel.ids import COUNTER_BITS, SHARD_BITS
from operator_push.services.open_messages import OpenMessage
from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.constants import HEADER_OCTETS, EsmClass, Npi, Ton
from operator_push.smpp.pdu import DataSm, DeliverSm, SubmitSm
from operator_push.smpp.tlv import TlvTag
from operator_push.text.data_coding import (
    Encoding,
    choose_encoding,
    data_coding_of,
    encode_text,
    encoding_of,
)
from operator_push.text.segmentation import segment_user_data

AIR_OCTETS_MAX = 140  # TS 23.040 section 9.2.3.24: user data of one short message
SHORT_MESSAGE_OCTETS_MAX = 254
COUNTER_AND_SHARD_BITS = COUNTER_BITS + SHARD_BITS
_REFERENCE_TLV = TlvTag.user_message_reference.to_bytes(2, "big") + b"\0\2"
_OURS = (int(TlvTag.user_message_reference), int(TlvTag.message_payload))


class Wire(msgspec.Struct, gc=False):
    """The decoded form of a stored body: the submit_sm to copy from, and the octets of each segment."""

    pdu: SubmitSm
    segments: list[bytes]


class AsStored:
    """The wire form of a message that is one segment and leaves as its stored body says (`AS_STORED`)."""


AS_STORED = AsStored()


class Unsendable(msgspec.Struct, frozen=True, gc=False):
    """A submit_sm that cannot become segments; `detail` tells the ESME why."""

    detail: str


def payload_of(pdu: SubmitSm | DataSm | DeliverSm) -> bytes:
    """The user data: message_payload (SMPP v3.4 section 5.3.2.32) where given, otherwise short_message."""
    payload = pdu.tlv(TlvTag.message_payload)
    if payload is not None:
        return payload
    return b"" if isinstance(pdu, DataSm) else pdu.short_message


def wire_of(pdu: SubmitSm, concat_reference: int) -> Wire | Unsendable:
    """Cut a submit_sm into the short messages that it becomes on the air."""
    payload = payload_of(pdu)
    encoding = encoding_of(pdu.data_coding)
    if pdu.esm_class & EsmClass.UDHI:
        if not payload or payload[0] + 1 > len(payload):
            return Unsendable("the user data header is longer than the message")
        if _air_octets(payload, encoding) > AIR_OCTETS_MAX:
            return Unsendable("a message with a user data header of its own must fit into 140 octets")
        return Wire(pdu, [payload])
    try:
        return Wire(pdu, segment_user_data(payload, encoding, concat_reference & 0xFF))
    except ValueError:
        return Unsendable("the text is longer than 255 segments")


def _air_octets(payload: bytes, encoding: Encoding) -> int:
    """Octets on the air of user data with a header: GSM 7-bit text is packed behind a fill-bit boundary."""
    if encoding is not Encoding.GSM7:
        return len(payload)
    header = payload[0] + 1
    septets = (header * 8 + 6) // 7 + len(payload) - header
    return (septets * 7 + 7) // 8


def render_text(source: str, destination: str, text: str) -> tuple[bytes, int, Wire]:
    """A text as a stored body, its number of segments and its wire form (services.run_campaign.Render)."""
    encoding = choose_encoding(text)
    payload = encode_text(text, encoding)
    alphanumeric = not source.isdigit()
    long = len(payload) > SHORT_MESSAGE_OCTETS_MAX
    pdu = SubmitSm(
        source_addr_ton=Ton.ALPHANUMERIC if alphanumeric else Ton.NETWORK_SPECIFIC,
        source_addr_npi=Npi.UNKNOWN,
        source_addr=source,
        dest_addr_ton=Ton.INTERNATIONAL,
        dest_addr_npi=Npi.ISDN,
        destination_addr=destination,
        registered_delivery=1,
        data_coding=data_coding_of(encoding),
        short_message=b"" if long else payload,
        tlvs=((TlvTag.message_payload, payload),) if long else (),
    )
    segments = segment_user_data(payload, encoding, 0)
    return encode_pdu(pdu), len(segments), Wire(pdu, [])


def leaves_as_it_came(pdu: SubmitSm, wire: Wire) -> bool:
    """True where the octets of this submit_sm plus our correlation key are what the SMSC gets."""
    return len(wire.segments) == 1 and not pdu.tlvs and pdu.registered_delivery == 1


def segment_body(message: OpenMessage, segment_no: int, user_message_reference: int) -> bytes:
    """The octets of `segment_pdu` after its header.

    Raises:
        PduEncodeError: they cannot be written.
    """
    if message.wire is AS_STORED:
        return message.body[HEADER_OCTETS:] + _REFERENCE_TLV + user_message_reference.to_bytes(2, "big")
    return encode_pdu(segment_pdu(message, segment_no, user_message_reference))[HEADER_OCTETS:]


def segment_pdu(message: OpenMessage, segment_no: int, user_message_reference: int) -> SubmitSm:
    """The submit_sm of one segment, with our correlation key and a receipt asked for."""
    wire = message.wire
    if not isinstance(wire, Wire) or not wire.segments:
        wire = _cut(message, wire)
    pdu = wire.pdu
    split = len(wire.segments) > 1
    reference = (int(TlvTag.user_message_reference), user_message_reference.to_bytes(2, "big"))
    kept = tuple(tlv for tlv in pdu.tlvs if tlv[0] not in _OURS) if pdu.tlvs else ()
    short_message = wire.segments[segment_no - 1]
    return SubmitSm(
        service_type=pdu.service_type,
        source_addr_ton=pdu.source_addr_ton,
        source_addr_npi=pdu.source_addr_npi,
        source_addr=pdu.source_addr,
        dest_addr_ton=pdu.dest_addr_ton,
        dest_addr_npi=pdu.dest_addr_npi,
        destination_addr=message.destination,
        esm_class=pdu.esm_class | (EsmClass.UDHI if split else 0),
        protocol_id=pdu.protocol_id,
        priority_flag=pdu.priority_flag,
        schedule_delivery_time=pdu.schedule_delivery_time,
        validity_period=pdu.validity_period,
        registered_delivery=1,
        replace_if_present_flag=pdu.replace_if_present_flag,
        data_coding=pdu.data_coding,
        sm_default_msg_id=pdu.sm_default_msg_id,
        short_message=short_message,
        tlvs=(*kept, reference),
    )


def _cut(message: OpenMessage, wire: object) -> Wire:
    """Segments of a message that has none yet: a campaign's, or one that was read back at start.

    The concatenation reference comes from the message id, so that a restart cuts the same octets.
    """
    pdu = wire.pdu if isinstance(wire, Wire) else decode_pdu(message.body)
    if not isinstance(pdu, SubmitSm):
        raise ValueError(f"the stored body of message {message.message_id} is not a submit_sm")
    # An id's lowest bits are a counter that mostly stands at 0; its milliseconds make references differ.
    cut = wire_of(pdu, (message.message_id >> COUNTER_AND_SHARD_BITS) + message.message_id)
    if isinstance(cut, Unsendable):
        raise ValueError(f"message {message.message_id} cannot be cut: {cut.detail}")
    message.wire = cut
    return cut
