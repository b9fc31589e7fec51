"""PDU mapping: submit_sm to submission and back, deliver_sm to receipt or MO and back.

The one place that knows both the wire and the product's own values. A stored `body` is a submit_sm as it
will be sent, save its segmentation, its correlation key and its sequence_number.
"""

from operator_push.domain.concatenated_parts import Part
from operator_push.domain.delivery import state_of_receipt
from operator_push.domain.message import MessageState, Origin, RefusalReason, Submission, TrafficClass
from operator_push.gateway.message_cutting import Wire, payload_of
from operator_push.kernel.instants import from_epoch_us, to_epoch_us
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.accept_submissions import NO_REFERENCE, Offered
from operator_push.services.hear_subscribers import Inbound
from operator_push.services.open_messages import OpenMessage
from operator_push.services.record_receipts import Receipt
from operator_push.services.registry import Account
from operator_push.smpp.codec import PduEncodeError, encode_pdu
from operator_push.smpp.constants import EsmClass, Npi, Ton
from operator_push.smpp.constants import MessageState as SmppState
from operator_push.smpp.message_id import MessageIdForm, canonical_message_id
from operator_push.smpp.pdu import DataSm, DeliverSm, SubmitSm
from operator_push.smpp.receipt_text import format_receipt, parse_receipt
from operator_push.smpp.smpp_time import RelativeTime, parse_smpp_time
from operator_push.smpp.tlv import TlvTag
from operator_push.text.data_coding import decode_text, encoding_of

MESSAGE_TYPE_BITS = 0x3C  # esm_class bits 5-2, SMPP v3.4 section 5.2.12
RECEIPT_WANTED = 0x03
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


def submission_of(
    pdu: SubmitSm,
    account: Account,
    traffic_class: TrafficClass,
    subscriber_no: int,
    destination: str,
    segment_count: int,
) -> Submission:
    """What an ESME asks for."""
    reference = pdu.tlv(TlvTag.user_message_reference)
    return Submission(
        account_no=account.account_no,
        brand_no=account.brand_no,
        category=account.category,
        traffic_class=traffic_class,
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


def offer_of(
    pdu: SubmitSm,
    wire: Wire,
    submission: Submission,
    not_before_us: int,
    part: Part | None = None,
    retry: tuple[int, int] | None = None,
) -> Offered | None:
    """The submission with what is stored beside it; None where it leaves no room for what we add to it."""
    try:
        body = body_of(pdu)
    except PduEncodeError:
        return None
    if len(body) > STORED_OCTETS_MAX:
        return None
    wanted = pdu.registered_delivery & RECEIPT_WANTED
    return Offered(submission, body, wanted, not_before_us, wire, RefusalReason.NONE, part, retry)


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
