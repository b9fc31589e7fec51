"""PDU mapping: submit_sm to submission and back, deliver_sm to receipt or MO and back.

The one place that knows both the wire and the product's own values. A stored `body` is a submit_sm as it
will be sent, save its segmentation, its correlation key and its sequence_number.
"""

from datetime import UTC, datetime

from operator_push.domain.address_rules import AddressRules
from operator_push.domain.concatenated_parts import Part
from operator_push.domain.delivery import state_of_receipt
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass
from operator_push.gateway.message_cutting import payload_of
from operator_push.gateway.mo_mapping import write_in_our_alphabet
from operator_push.gateway.part_mapping import part_of
from operator_push.gateway.ussd_mapping import channel_of
from operator_push.kernel.instants import from_epoch_us, to_epoch_us
from operator_push.kernel.numbering import msisdn_or_address, normalise_msisdn
from operator_push.services.accept_submissions import NO_REFERENCE, Offered
from operator_push.services.hear_subscribers import Inbound
from operator_push.services.match_receipts import Receipt
from operator_push.services.registry import Account
from operator_push.smpp.codec import PduDecodeError, PduEncodeError, decode_pdu, encode_pdu
from operator_push.smpp.codec_choice import compiled
from operator_push.smpp.constants import EsmClass
from operator_push.smpp.pdu import DataSm, DeliverSm, SubmitSm
from operator_push.smpp.receipt_text import receipt_facts
from operator_push.smpp.smpp_time import RelativeTime, format_absolute, parse_smpp_time
from operator_push.smpp.tlv import TlvTag
from operator_push.text.link_text import DefaultAlphabet, read_user_data

_RECEIPT_TYPES = (int(EsmClass.SMSC_DELIVERY_RECEIPT), int(EsmClass.INTERMEDIATE_NOTIFICATION))
MESSAGE_TYPE_BITS = 0x3C  # esm_class bits 5-2, SMPP v3.4 section 5.2.12
RECEIPT_WANTED = 0x13  # registered_delivery, v3.4 section 5.2.17: receipts, intermediate notifications
# Attributes of an Enum cost 0.1 µs each time they are looked up; these names do not.
_RECEIPTED_MESSAGE_ID, _MESSAGE_STATE = int(TlvTag.receipted_message_id), int(TlvTag.message_state)
_USER_MESSAGE_REFERENCE, _MESSAGE_PAYLOAD = int(TlvTag.user_message_reference), int(TlvTag.message_payload)
_ESME, _NO_REASON = Origin.ESME, RefusalReason.NONE
_LATEST_US = to_epoch_us(datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC))  # the last that SMPP can write
_NETWORK_ERROR_CODE = int(TlvTag.network_error_code)
_quick_receipt = None if compiled is None else compiled.receipt_said
_UDHI, _UCS2 = int(EsmClass.UDHI), 8  # the data_coding of SMPP v3.4 section 5.2.19
STORED_OCTETS_MAX = 69_000  # Ours: below the codec's 70,000, so that our TLV and a header always fit


def submission_of(
    pdu: SubmitSm,
    account: Account,
    traffic_class: TrafficClass,
    subscriber_no: int,
    destination: str,
    segment_count: int,
) -> Submission:
    """What an ESME asks for."""
    reference = pdu.tlv(_USER_MESSAGE_REFERENCE) if pdu.tlvs else None
    return Submission(
        account.account_no,
        account.brand_no,
        account.category,
        traffic_class,
        _ESME,
        subscriber_no,
        destination,
        pdu.source_addr,
        segment_count,
        0,
        NO_REFERENCE if reference is None else int.from_bytes(reference[:2], "big"),
        channel_of(pdu),
    )


def destination_of(pdu: SubmitSm | DataSm) -> str:
    """The recipient's msisdn, or the address as it came where it is none (the policy then refuses it)."""
    return destination_from(pdu.dest_addr_ton, pdu.destination_addr)


def destination_from(ton: int, address: str) -> str:
    """The msisdn of an address, or the address as it came where it is none.

    Only an international or an unknown type of number can be one: the same digits as a national number
    (TON 2) would be somebody else's.
    """
    if ton > 1:  # neither Ton.UNKNOWN nor Ton.INTERNATIONAL
        return f"{address} (TON {ton})"
    return msisdn_or_address(address)


def destination_by(rules: AddressRules, pdu: SubmitSm | DataSm) -> str:
    """The recipient's msisdn by its account's rules, or the address as it came where it is none."""
    return rules.msisdn_of(pdu.dest_addr_ton, pdu.destination_addr) or destination_of(pdu)


def take_schedule(pdu: SubmitSm, now_us: int) -> int | None:
    """When the message may leave (0: at once), from its schedule_delivery_time; None where that is no time.

    The schedule is ours to keep, because permission is read when it leaves (law 4): what goes to the SMSC
    asks for delivery at once.
    """
    text, pdu.schedule_delivery_time = pdu.schedule_delivery_time, ""
    if not text:
        return 0
    at_us = _moment_us(text, now_us)
    if at_us is None:
        return None
    return at_us if at_us > now_us else 0


def take_validity(pdu: SubmitSm, now_us: int, not_before_us: int) -> int | None:
    """When the message ends if it has not left by then, from its validity_period; 0: it says nothing.

    A period becomes its end, counted from now, so that what is left of it goes to the SMSC whenever the
    message leaves. None where it is no time, or over before the message may leave.
    """
    if not pdu.validity_period:
        return 0
    ends_us = _moment_us(pdu.validity_period, now_us)
    if ends_us is None or ends_us <= max(now_us, not_before_us):
        return None
    if pdu.validity_period[-1] == "R":
        ends_us = min(ends_us, _LATEST_US)
        pdu.validity_period = format_absolute(from_epoch_us(ends_us))
    return ends_us


def expires_us_of(body: bytes) -> int:
    """The end of a stored message's validity; 0: it says nothing, or cannot be read, which stops no start."""
    try:
        pdu = decode_pdu(body)
    except PduDecodeError:
        return 0
    text = pdu.validity_period if isinstance(pdu, SubmitSm) else ""
    return (_moment_us(text, 0) or 0) if text and text[-1] != "R" else 0


def _moment_us(text: str, now_us: int) -> int | None:
    """The moment of an SMPP time; None where it is none."""
    try:
        time = parse_smpp_time(text)
        return to_epoch_us(time.after(from_epoch_us(now_us)) if isinstance(time, RelativeTime) else time)
    except (ValueError, OverflowError):
        return None


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
    wire: object,
    submission: Submission,
    not_before_us: int,
    part: Part | None = None,
    retry: tuple[int, int] | None = None,
    octets: bytes = b"",
    replaces: bool = False,
    expires_us: int = 0,
    whole: bool = False,
) -> Offered | None:
    """The submission with what is stored beside it; None where it leaves no room for what we add to it.

    `octets`: those of the PDU where nothing of it was changed, which spares encoding it again.
    """
    try:
        body = octets or body_of(pdu)
    except PduEncodeError:
        return None
    if len(body) > STORED_OCTETS_MAX:
        return None
    wanted = pdu.registered_delivery & RECEIPT_WANTED
    return Offered(
        submission, body, wanted, not_before_us, wire, _NO_REASON, part, retry, replaces, expires_us, whole
    )


def is_receipt(pdu: DeliverSm | DataSm) -> bool:
    """True for a delivery receipt or an intermediate notification (esm_class bits 5-2).

    Some SMSCs leave the bits at 0; a receipted_message_id (SMPP v3.4 section 5.3.2.12) tells a receipt too.
    """
    kind = pdu.esm_class & MESSAGE_TYPE_BITS
    if kind in _RECEIPT_TYPES:
        return True
    return not kind and any(tag == _RECEIPTED_MESSAGE_ID for tag, _ in pdu.tlvs)


def receipt_of(pdu: DeliverSm | DataSm) -> Receipt | None:
    """What a receipt means; TLVs win over the text. None: neither tells a state and an id or our key."""
    if _quick_receipt is not None and type(pdu) is DeliverSm:
        said = _quick_receipt(pdu.short_message, pdu.tlvs)
        if said is not None:
            return _receipt(pdu, *said)
    identifier = state_octet = reference = payload = network_error = None
    for tag, value in reversed(pdu.tlvs):  # of a repeated one the first counts
        if tag == _RECEIPTED_MESSAGE_ID:
            identifier = value
        elif tag == _MESSAGE_STATE:
            state_octet = value
        elif tag == _USER_MESSAGE_REFERENCE:
            reference = value
        elif tag == _MESSAGE_PAYLOAD:
            payload = value
        elif tag == _NETWORK_ERROR_CODE:
            network_error = value
    if payload is None:
        payload = b"" if isinstance(pdu, DataSm) else pdu.short_message
    facts = receipt_facts(payload)
    if facts is None and payload and (pdu.data_coding == _UCS2 or pdu.esm_class & _UDHI):
        facts = receipt_facts(_plain_text(payload, pdu))
    told, stat, error = facts or ("", None, "")
    if network_error is not None and not error:
        error = f"{int.from_bytes(network_error[1:3], 'big'):03d}"  # SMPP v3.4 section 5.3.2.31
    if identifier:
        told = identifier.decode("latin-1")
    smsc_id = _until_nul(told) if "\0" in told else told
    if (not smsc_id and reference is None) or (facts is None and state_octet is None):
        return None
    return _receipt(
        pdu,
        smsc_id,
        stat,
        _until_nul(error) if "\0" in error else error,
        state_octet[0] if state_octet else -1,
        -1 if reference is None else int.from_bytes(reference[:2], "big"),
    )


def _receipt(
    pdu: DeliverSm | DataSm, smsc_id: str, stat: str | None, error: str, state: int, reference: int
) -> Receipt:
    """`state`: message_state, -1 where there is none."""
    recipient = pdu.source_addr
    return Receipt(
        smsc_id,
        state_of_receipt(state if state >= 0 else None, stat),
        error,
        msisdn_or_address(recipient),
        reference,
        wire=pdu,
    )


def _until_nul(text: str) -> str:
    """What stands before a NUL: a database of ours takes none, and no id or code has one."""
    return text.partition("\0")[0]


def _plain_text(payload: bytes, pdu: DeliverSm | DataSm) -> bytes:
    """A receipt's text without a user data header, and in octets where it came as UCS-2."""
    if pdu.esm_class & _UDHI:
        payload = payload[payload[0] + 1 :]
    if pdu.data_coding == _UCS2:
        payload = payload.decode("utf-16-be", "replace").encode("latin-1", "replace")
    return payload


def inbound_of(
    pdu: DeliverSm | DataSm, default_alphabet: DefaultAlphabet, rules: AddressRules | None = None
) -> Inbound:
    """An MO message; its text as far as its data_coding tells, 0 being the link's default alphabet.

    Its body is in our own alphabets, whatever the link's default is. `rules`: how this link writes numbers;
    without them only international forms are numbers.
    """
    has_header = bool(pdu.esm_class & EsmClass.UDHI)
    address = pdu.source_addr
    by_rules = rules.msisdn_of(pdu.source_addr_ton, address) if rules is not None else None
    text = read_user_data(payload_of(pdu), pdu.data_coding, has_header, default_alphabet)
    if default_alphabet is not DefaultAlphabet.GSM7:
        write_in_our_alphabet(pdu, text, default_alphabet)
    return Inbound(
        source=by_rules or normalise_msisdn(address) or address,
        destination=pdu.destination_addr,
        text=text,
        body=encode_pdu(pdu),
        part=part_of(pdu) if has_header or pdu.tlvs else None,
    )
