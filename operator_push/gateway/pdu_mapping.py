"""PDU mapping: submit_sm to submission and back, deliver_sm to receipt or MO and back.

The one place that knows both the wire and the product's own values. A stored `body` is a submit_sm as it
will be sent, save its segmentation, its correlation key and its sequence_number.
"""

import msgspec

from operator_push.domain.delivery import state_of_receipt
from operator_push.domain.message import MessageState, Origin, Submission, TrafficClass
from operator_push.kernel.ids import COUNTER_BITS, SHARD_BITS
from operator_push.kernel.instants import from_epoch_us, to_epoch_us
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.accept_submissions import NO_REFERENCE, Offered
from operator_push.services.hear_subscribers import Inbound
from operator_push.services.open_messages import OpenMessage
from operator_push.services.record_receipts import Receipt
from operator_push.services.registry import Account
from operator_push.smpp.codec import PduEncodeError, decode_pdu, encode_pdu
from operator_push.smpp.constants import EsmClass, Npi, Ton
from operator_push.smpp.constants import MessageState as SmppState
from operator_push.smpp.message_id import MessageIdForm, canonical_message_id
from operator_push.smpp.pdu import DataSm, DeliverSm, SubmitSm
from operator_push.smpp.receipt_text import format_receipt, parse_receipt
from operator_push.smpp.smpp_time import RelativeTime, parse_smpp_time
from operator_push.smpp.tlv import TlvTag
from operator_push.text.data_coding import (
    Encoding,
    choose_encoding,
    data_coding_of,
    decode_text,
    encode_text,
    encoding_of,
)
from operator_push.text.segmentation import segment_user_data

MESSAGE_TYPE_BITS = 0x3C  # esm_class bits 5-2, SMPP v3.4 section 5.2.12
AIR_OCTETS_MAX = 140  # TS 23.040 section 9.2.3.24: user data of one short message
SHORT_MESSAGE_OCTETS_MAX = 254
RECEIPT_WANTED = 0x03
COUNTER_AND_SHARD_BITS = COUNTER_BITS + SHARD_BITS
SOURCE_SHOWN_MAX = 21
STORED_OCTETS_MAX = 69_000  # Ours: below the codec's 70,000, so that our TLV and a header always fit
_STATES = {
    MessageState.DELIVERED: SmppState.DELIVERED,
    MessageState.EXPIRED: SmppState.EXPIRED,
    MessageState.DELETED: SmppState.DELETED,
    MessageState.UNDELIVERABLE: SmppState.UNDELIVERABLE,
    MessageState.REJECTED: SmppState.REJECTED,
    MessageState.WITHDRAWN: SmppState.DELETED,  # SMPP has no word for "permission gone": it was never sent
}


class Wire(msgspec.Struct, gc=False):
    """The decoded form of a stored body: the submit_sm to copy from, and the octets of each segment."""

    pdu: SubmitSm
    segments: list[bytes]


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


def submission_of(
    pdu: SubmitSm, account: Account, subscriber_no: int, destination: str, segment_count: int
) -> Submission:
    """What an ESME asks for. The class of traffic is its account's, never more than that."""
    reference = pdu.tlv(TlvTag.user_message_reference)
    return Submission(
        account_no=account.account_no,
        brand_no=account.brand_no,
        category=account.category,
        traffic_class=TrafficClass(account.traffic_class),
        origin=Origin.ESME,
        subscriber_no=subscriber_no,
        destination=destination,
        source=pdu.source_addr,
        segment_count=segment_count,
        campaign_no=0,
        client_reference=NO_REFERENCE if reference is None else int.from_bytes(reference[:2], "big"),
    )


def destination_of(pdu: SubmitSm | DataSm) -> str:
    """The recipient's msisdn, or the address as it came where it is none (the policy then refuses it).

    Only an international or an unknown type of number can be one: the same digits as a national number
    (TON 2) would be somebody else's.
    """
    if pdu.dest_addr_ton not in (Ton.UNKNOWN, Ton.INTERNATIONAL):
        return f"{pdu.destination_addr} (TON {pdu.dest_addr_ton})"
    return normalise_msisdn(pdu.destination_addr) or pdu.destination_addr


def take_schedule(pdu: SubmitSm, now_us: int) -> int | None:
    """When the message may leave (0: at once), from its schedule_delivery_time; None where that is no time.

    The schedule is ours to keep, because permission is read when it leaves (law 4): what goes to the SMSC
    asks for delivery at once, and replaces nothing.
    """
    pdu.replace_if_present_flag = 0
    text, pdu.schedule_delivery_time = pdu.schedule_delivery_time, ""
    if not text:
        return 0
    try:
        time = parse_smpp_time(text)
        moment = time.after(from_epoch_us(now_us)) if isinstance(time, RelativeTime) else time
    except (ValueError, OverflowError):
        return None
    at_us = to_epoch_us(moment)
    return at_us if at_us > now_us else 0


def submit_sm_of(data_sm: DataSm) -> SubmitSm:
    """A data_sm as the submit_sm that asks for the same."""
    return SubmitSm(
        sequence_number=data_sm.sequence_number,
        service_type=data_sm.service_type,
        source_addr_ton=data_sm.source_addr_ton,
        source_addr_npi=data_sm.source_addr_npi,
        source_addr=data_sm.source_addr,
        dest_addr_ton=data_sm.dest_addr_ton,
        dest_addr_npi=data_sm.dest_addr_npi,
        destination_addr=data_sm.destination_addr,
        esm_class=data_sm.esm_class,
        registered_delivery=data_sm.registered_delivery,
        data_coding=data_sm.data_coding,
        tlvs=data_sm.tlvs,
    )


def body_of(pdu: SubmitSm) -> bytes:
    """The octets to store."""
    sequence_number, pdu.sequence_number = pdu.sequence_number, 0
    try:
        return encode_pdu(pdu)
    finally:
        pdu.sequence_number = sequence_number


def offer_of(pdu: SubmitSm, wire: Wire, submission: Submission, not_before_us: int) -> Offered | None:
    """The submission with what is stored beside it; None where it leaves no room for what we add to it."""
    try:
        body = body_of(pdu)
    except PduEncodeError:
        return None
    if len(body) > STORED_OCTETS_MAX:
        return None
    return Offered(submission, body, pdu.registered_delivery & RECEIPT_WANTED, not_before_us, wire)


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


_OURS = (int(TlvTag.user_message_reference), int(TlvTag.message_payload))


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


def is_receipt(pdu: DeliverSm | DataSm) -> bool:
    """True for a delivery receipt or an intermediate notification (esm_class bits 5-2)."""
    kind = pdu.esm_class & MESSAGE_TYPE_BITS
    return kind in (EsmClass.SMSC_DELIVERY_RECEIPT, EsmClass.INTERMEDIATE_NOTIFICATION)


def receipt_of(pdu: DeliverSm | DataSm, form: MessageIdForm) -> Receipt | None:
    """What a receipt means; TLVs win over the text. None: neither tells an id and a state."""
    fields = parse_receipt(payload_of(pdu))
    identifier = pdu.tlv(TlvTag.receipted_message_id)
    told = identifier.decode("latin-1") if identifier else (fields.id if fields else "")
    smsc_id = told.partition("\0")[0]  # a database of ours takes no NUL, and no id has one
    state_octet = pdu.tlv(TlvTag.message_state)
    state = state_of_receipt(state_octet[0] if state_octet else None, fields.stat if fields else None)
    if not smsc_id or (fields is None and state_octet is None):
        return None
    reference = pdu.tlv(TlvTag.user_message_reference)
    return Receipt(
        smsc_message_id=canonical_message_id(smsc_id, form),
        state=state,
        error_code=fields.err.partition("\0")[0] if fields else "",
        recipient=normalise_msisdn(pdu.source_addr) or pdu.source_addr,
        user_message_reference=-1 if reference is None else int.from_bytes(reference[:2], "big"),
    )


def inbound_of(pdu: DeliverSm | DataSm) -> Inbound:
    """An MO message; its text decoded as far as its data_coding tells."""
    payload = payload_of(pdu)
    if pdu.esm_class & EsmClass.UDHI and payload:
        payload = payload[payload[0] + 1 :]
    return Inbound(
        source=normalise_msisdn(pdu.source_addr) or pdu.source_addr,
        destination=pdu.destination_addr,
        text=decode_text(payload, encoding_of(pdu.data_coding)),
        body=encode_pdu(pdu),
    )


def receipt_pdu(message: OpenMessage, state: int, delivered: int, now_us: int, accepted_us: int) -> DeliverSm:
    """The receipt that an ESME gets: text form of SMPP v3.4 appendix B and the TLVs of section 5.3.2."""
    smpp_state = _STATES[MessageState(state)]
    identifier = str(message.message_id)
    tlvs = [
        (int(TlvTag.receipted_message_id), identifier.encode() + b"\0"),
        (int(TlvTag.message_state), bytes([smpp_state])),
    ]
    if message.client_reference != NO_REFERENCE:
        tlvs.append((int(TlvTag.user_message_reference), message.client_reference.to_bytes(2, "big")))
    return DeliverSm(
        source_addr_ton=Ton.INTERNATIONAL,
        source_addr_npi=Npi.ISDN,
        source_addr=message.destination,
        destination_addr=message.source[:SOURCE_SHOWN_MAX],
        dest_addr_ton=Ton.UNKNOWN if message.source.isdigit() else Ton.ALPHANUMERIC,
        esm_class=EsmClass.SMSC_DELIVERY_RECEIPT,
        short_message=format_receipt(
            identifier,
            smpp_state,
            from_epoch_us(accepted_us),
            from_epoch_us(now_us),
            submitted=message.segment_count,
            delivered=delivered,
        ),
        tlvs=tuple(tlvs),
    )
