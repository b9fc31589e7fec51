"""Message cutting: a submit_sm or a text to the short messages that it becomes, and each to its submit_sm.

The same plan cuts the same octets, so that what is sent is what was priced. Which plan a message gets is
cut_choice's; what segments look like is operator_push.text's; fields and TLVs of their PDUs are here.
"""

import msgspec

from operator_push.gateway.cut_plan import PLAN_TAG, CutPlan, Form, Way, plan_from_octets
from operator_push.gateway.ussd_mapping import USSD_SERVICE
from operator_push.kernel.ids import COUNTER_BITS, SHARD_BITS
from operator_push.services.open_messages import WHOLE, OpenMessage
from operator_push.smpp.codec import PduDecodeError, decode_pdu, encode_pdu
from operator_push.smpp.constants import EsmClass, Npi, Ton
from operator_push.smpp.pdu import DataSm, DeliverSm, SubmitSm
from operator_push.smpp.tlv import TlvTag
from operator_push.text.data_coding import (
    Encoding,
    data_coding_of,
    decode_text,
    encode_text,
    encoding_of,
)
from operator_push.text.gsm7 import decode_gsm7, encode_gsm7
from operator_push.text.link_text import SMSC_DEFAULT, DefaultAlphabet
from operator_push.text.segmentation import (
    cut_user_data,
    segment_headers,
    units_max,
)
from operator_push.text.user_data_header import (
    concatenation,
    national_elements,
    national_language,
    parse_information_elements,
)

INTERMEDIATE_WANTED = 0x10  # registered_delivery bit 4, SMPP v3.4 section 5.2.17
COUNTER_AND_SHARD_BITS = COUNTER_BITS + SHARD_BITS
_MESSAGE_PAYLOAD = int(TlvTag.message_payload)
_UDHI = int(EsmClass.UDHI)  # a plain int: the hot path asks for it with every message
# By data_coding: octets that certainly are one segment.
ALONE_OCTETS = tuple(
    units_max(encoding) * (2 if encoding is Encoding.UCS2 else 1) for encoding in map(encoding_of, range(256))
)
_REFERENCE_TLV = TlvTag.user_message_reference.to_bytes(2, "big") + b"\0\2"
_GSM7 = DefaultAlphabet.GSM7
_SAR = (int(TlvTag.sar_msg_ref_num), int(TlvTag.sar_total_segments), int(TlvTag.sar_segment_seqnum))
_OURS = (int(TlvTag.user_message_reference), int(TlvTag.message_payload), PLAN_TAG)


class Wire(msgspec.Struct, gc=False):
    """The decoded form of a stored body: the submit_sm to copy from, and the short_message of each segment.

    `esm_class` and `data_coding` are those of the segments; `sar_reference` is not -1 where TLVs tie them;
    `is_whole`: they leave in one submit_sm, joined, and count as what they become on the air.
    """

    pdu: SubmitSm
    segments: list[bytes]
    esm_class: int
    data_coding: int
    sar_reference: int = -1
    is_whole: bool = False


class AsStored:
    """The wire form of a message that is one segment and leaves as its stored body says (`AS_STORED`)."""


AS_STORED = AsStored()


class Unsendable(msgspec.Struct, frozen=True, gc=False):
    """A submit_sm that cannot become segments; `detail` tells the ESME why."""

    detail: str


def payload_of(pdu: SubmitSm | DataSm | DeliverSm) -> bytes:
    """The user data: message_payload (SMPP v3.4 section 5.3.2.32) where given, otherwise short_message."""
    if pdu.tlvs:
        payload = pdu.tlv(_MESSAGE_PAYLOAD)
        if payload is not None:
            return payload
    return b"" if isinstance(pdu, DataSm) else pdu.short_message


def cut_by_plan(pdu: SubmitSm, plan: CutPlan) -> Wire:
    """The segments of a submit_sm by a plan: always the same octets for the same two.

    Raises:
        ValueError: it cannot be cut; the message says why.
    """
    payload = payload_of(pdu)
    if pdu.service_type == USSD_SERVICE:
        return Wire(pdu, [payload], pdu.esm_class, pdu.data_coding)  # a screen is no chain of segments
    encoding, data_coding = encoding_of(pdu.data_coding), pdu.data_coding
    has_header = bool(pdu.esm_class & _UDHI)
    elements, text = split_header(payload, has_header)
    match plan.form:
        case Form.NATIONAL:
            text = encode_gsm7(decode_text(text, encoding), plan.locking, plan.single)
            elements += national_elements(plan.locking, plan.single)
            encoding, data_coding = Encoding.GSM7, SMSC_DEFAULT
        case Form.UCS2:
            text = encode_text(decode_gsm7(text, "replace"), Encoding.UCS2)
            encoding, data_coding = Encoding.UCS2, data_coding_of(Encoding.UCS2)
    bits = 16 if plan.way is Way.UDH16 else 8
    parts = cut_user_data(text, encoding, bits, len(elements))
    total = len(parts)
    if total == 1 and plan.form is Form.AS_SUBMITTED:
        return Wire(pdu, [payload], pdu.esm_class, data_coding)
    if total > 1 and has_header and concatenation(parse_information_elements(elements)) is not None:
        raise ValueError(
            "a part of a long message with a user data header of its own must fit into 140 octets"
        )
    by_smsc = total > 1 and plan.way in (Way.SAR, Way.PAYLOAD)
    # Room for the whole header is left either way: from TLVs or a whole text, it is the SMSC that writes it.
    headers = segment_headers(1 if by_smsc else total, plan.reference, bits, elements)
    headers = headers * total if by_smsc else headers
    return Wire(
        pdu,
        [head + part for head, part in zip(headers, parts, strict=True)],
        pdu.esm_class & ~_UDHI | (_UDHI if headers[0] else 0),
        data_coding,
        plan.reference if by_smsc and plan.way is Way.SAR else -1,
        by_smsc and plan.way is Way.PAYLOAD,
    )


def split_header(payload: bytes, has_header: bool) -> tuple[bytes, bytes]:
    """The information elements (without their length octet) and the text of user data.

    Raises:
        ValueError: the header is longer than the message.
    """
    if not has_header:
        return b"", payload
    if not payload or payload[0] + 1 > len(payload):
        raise ValueError("the user data header is longer than the message")
    end = payload[0] + 1
    return payload[1:end], payload[end:]


def names_tables(elements: bytes) -> bool:
    """True where a header's elements name shift tables; False too where they cannot be read."""
    try:
        return national_language(parse_information_elements(elements)) != (0, 0)
    except ValueError:
        return False


def is_short(pdu: SubmitSm) -> bool:
    """True where a submit_sm certainly is one segment as it came."""
    return not pdu.esm_class & _UDHI and len(payload_of(pdu)) <= ALONE_OCTETS[pdu.data_coding]


def leaves_as_it_came(pdu: SubmitSm, wire: Wire) -> bool:
    """True where the octets of this submit_sm plus our correlation key are what the SMSC gets."""
    return len(wire.segments) == 1 and not pdu.tlvs and pdu.registered_delivery == 1


def segment_octets(
    message: OpenMessage,
    segment_no: int,
    user_message_reference: int,
    default_alphabet: DefaultAlphabet = DefaultAlphabet.GSM7,
) -> tuple[bytes, bytes]:
    """The octets of `segment_pdu` in two pieces, whatever their header says of length and number.

    Raises:
        ValueError: as there, or they cannot be written.
    """
    if message.wire is AS_STORED and default_alphabet is _GSM7:
        return message.body, _REFERENCE_TLV + user_message_reference.to_bytes(2, "big")
    return encode_pdu(segment_pdu(message, segment_no, user_message_reference, default_alphabet)), b""


def segment_pdu(
    message: OpenMessage,
    segment_no: int,
    user_message_reference: int,
    default_alphabet: DefaultAlphabet = DefaultAlphabet.GSM7,
) -> SubmitSm:
    """The submit_sm of one segment or the WHOLE message, with our correlation key and a receipt asked for.

    A whole message is sm_length 0 and message_payload (SMPP v3.4 section 5.3.2.32).
    `default_alphabet` is that of the link through which it goes now, which a failover may have chosen.

    Raises:
        ValueError: the body cannot be cut, or the link's SMSC lacks a character of this segment.
    """
    wire = message.wire
    if not isinstance(wire, Wire):
        wire = _cut_again(message)
    pdu = wire.pdu
    number_kind = pdu.dest_addr_ton, pdu.dest_addr_npi
    if pdu.destination_addr != message.destination:
        number_kind = int(Ton.INTERNATIONAL), int(Npi.ISDN)  # its ESME wrote it in its country's way
    total = len(wire.segments)
    tlvs: tuple[tuple[int, bytes], ...] = (
        (int(TlvTag.user_message_reference), user_message_reference.to_bytes(2, "big")),
    )
    if pdu.tlvs:
        dropped = _OURS if total == 1 else _OURS + _SAR
        tlvs = (*(tlv for tlv in pdu.tlvs if tlv[0] not in dropped), *tlvs)
    if wire.sar_reference >= 0:
        values = (wire.sar_reference.to_bytes(2, "big"), bytes((total,)), bytes((segment_no,)))
        tlvs = (*tlvs, *zip(_SAR, values, strict=True))
    short_message = b"".join(wire.segments) if segment_no == WHOLE else wire.segments[segment_no - 1]
    if default_alphabet is not DefaultAlphabet.GSM7 and encoding_of(wire.data_coding) is Encoding.GSM7:
        has_header = bool(wire.esm_class & _UDHI)
        short_message = _written(short_message, wire.data_coding, has_header, default_alphabet)
    if segment_no == WHOLE:
        tlvs = (*tlvs, (int(TlvTag.message_payload), short_message))
        short_message = b""
    return SubmitSm(
        service_type=pdu.service_type,
        source_addr_ton=pdu.source_addr_ton,
        source_addr_npi=pdu.source_addr_npi,
        source_addr=pdu.source_addr,
        dest_addr_ton=number_kind[0],
        dest_addr_npi=number_kind[1],
        destination_addr=message.destination,
        esm_class=wire.esm_class,
        protocol_id=pdu.protocol_id,
        priority_flag=pdu.priority_flag,
        schedule_delivery_time=pdu.schedule_delivery_time,
        validity_period=pdu.validity_period,
        registered_delivery=1 | message.registered_delivery & INTERMEDIATE_WANTED,
        replace_if_present_flag=pdu.replace_if_present_flag,
        data_coding=wire.data_coding,
        sm_default_msg_id=pdu.sm_default_msg_id,
        short_message=short_message,
        tlvs=tlvs,
    )


def _written(octets: bytes, data_coding: int, has_header: bool, alphabet: DefaultAlphabet) -> bytes:
    """A segment's septets as the SMSC reads them; a message class says GSM 7-bit, which it may still pack."""
    if data_coding != SMSC_DEFAULT and alphabet is not DefaultAlphabet.GSM7_PACKED:
        return octets
    head_octets = octets[0] + 1 if has_header else 0
    if has_header and data_coding == SMSC_DEFAULT and names_tables(octets[1:head_octets]):
        return octets  # shift tables mean septets, whatever the SMSC's default is
    written = alphabet.write(octets[head_octets:], head_octets)
    if written is None:
        raise ValueError(f"an SMSC whose data_coding 0 is {alphabet.value} lacks a character of this text")
    return octets[:head_octets] + written


def stored_reference(message: OpenMessage) -> int | None:
    """The concatenation reference in a stored body; None where it has no plan, or goes whole."""
    octets = _stored_pdu(message).tlv(PLAN_TAG)
    plan = None if octets is None else plan_from_octets(octets)
    return None if plan is None or plan.way is Way.PAYLOAD else plan.reference


def goes_whole(message: OpenMessage) -> bool:
    """True where the stored plan of a message says that all its segments leave in one submit_sm.

    False too where its body cannot be read: that ends the message when it is to leave, and stops no start.
    """
    try:
        octets = _stored_pdu(message).tlv(PLAN_TAG) if message.segment_count > 1 else None
        return octets is not None and plan_from_octets(octets).way is Way.PAYLOAD
    except (PduDecodeError, ValueError):
        return False


def _cut_again(message: OpenMessage) -> Wire:
    """Segments of a message that was read back at start."""
    pdu = _stored_pdu(message)
    octets = pdu.tlv(PLAN_TAG)
    try:
        if octets is not None:
            plan = plan_from_octets(octets)
        else:
            # A body without a plan has its reference from the id, whose lowest bits are a counter that mostly
            # stands at 0: so its milliseconds are what differs.
            moment = message.message_id >> COUNTER_AND_SHARD_BITS
            plan = CutPlan(reference=moment + message.message_id & 0xFFFF)
        message.wire = wire = cut_by_plan(pdu, plan)
    except ValueError as fault:
        raise ValueError(f"message {message.message_id} cannot be cut: {fault}") from fault
    return wire


def _stored_pdu(message: OpenMessage) -> SubmitSm:
    pdu = decode_pdu(message.body)
    if not isinstance(pdu, SubmitSm):
        raise ValueError(f"the stored body of message {message.message_id} is not a submit_sm")
    return pdu
