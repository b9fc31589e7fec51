"""Receipt octets: the deliver_sm that tells an ESME the end of its message, written without a PDU in between.

One is written per message, in C where that was built, else by one format over prepared parts: the text form
of SMPP v3.4 appendix B and the TLVs of section 5.3.2. What they read back as is tested against the codec. Its
addresses are those of the submission as its ESME wrote them, the other way round: with their TON and NPI,
national as they were.
"""

from struct import Struct

from operator_push.domain.message import MessageState
from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.instants import MICROS_PER_SECOND, from_epoch_us
from operator_push.services.accept_submissions import NO_REFERENCE
from operator_push.services.open_messages import OpenMessage
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.codec_choice import compiled
from operator_push.smpp.constants import HEADER_OCTETS, CommandId, EsmClass, Npi, Ton
from operator_push.smpp.constants import MessageState as SmppState
from operator_push.smpp.pdu import DeliverSm
from operator_push.smpp.receipt_text import STAT_TEXTS, format_receipt
from operator_push.smpp.tlv import TlvTag

SOURCE_SHOWN_MAX = 21  # Ours: an address is at most 20 characters; what was refused may be longer
MINUTES_REMEMBERED = 4096  # Ours: dates of receipts are told to the minute, and most are of the last few
NO_ERROR = b"000"
_NO_ADDRESSES_OCTETS = 7  # service_type and two addresses, all of them empty
SMPP_STATES = {
    MessageState.DELIVERED: SmppState.DELIVERED,
    MessageState.EXPIRED: SmppState.EXPIRED,
    MessageState.DELETED: SmppState.DELETED,
    MessageState.UNDELIVERABLE: SmppState.UNDELIVERABLE,
    MessageState.REJECTED: SmppState.REJECTED,
    MessageState.WITHDRAWN: SmppState.DELETED,  # SMPP has no word for "permission gone": it was never sent
}
_MICROS_PER_MINUTE = 60 * MICROS_PER_SECOND
_DELIVER_SM = int(CommandId.deliver_sm)
_pack_header = Struct(">IIII").pack
_TEXT = b"id:%b sub:%03d dlvrd:%03d submit date:%b done date:%b stat:%b err:%b text:"
# service_type; TON, NPI and address of source and destination; esm_class; protocol_id,
# priority_flag, schedule_delivery_time, validity_period, registered_delivery, replace_if_present_flag,
# data_coding, sm_default_msg_id; sm_length and short_message; TLVs receipted_message_id and message_state.
_BODY = (
    b"\0%b"
    + bytes((EsmClass.SMSC_DELIVERY_RECEIPT,))
    + b"\0\0\0\0\0\0\0\0%c%b"
    + TlvTag.receipted_message_id.to_bytes(2, "big")
    + b"\0%c%b\0"
    + TlvTag.message_state.to_bytes(2, "big")
    + b"\0\1%c"
)
_REFERENCE = TlvTag.user_message_reference.to_bytes(2, "big") + b"\0\2"
_STATES = {int(ours): (STAT_TEXTS[state].encode(), int(state)) for ours, state in SMPP_STATES.items()}
_dates: dict[int, bytes] = {}
_quick_receipt = None if compiled is None else compiled.receipt_pdu


def receipt_octets(
    message: OpenMessage,
    state: int,
    delivered: int,
    ended_us: int,
    name: bytes = b"",
    error: bytes = NO_ERROR,
) -> bytes:
    """The deliver_sm (sequence_number 0) of a message that ended as `state`, `delivered` segments of it well.

    `name`: what its ESME was told as its id, empty where that is its own id in decimal. `error`: the
    network's error code, three characters.

    Raises:
        KeyError: the state is no final one.
    """
    stat, smpp_state = _STATES[state]
    identifier = name or b"%d" % message.message_id
    submitted_us = id_epoch_us(message.message_id)
    submitted = _dates.get(submitted_us // _MICROS_PER_MINUTE) or _date(submitted_us)
    done = _dates.get(ended_us // _MICROS_PER_MINUTE) or _date(ended_us)
    segments, reference = message.segment_count, message.client_reference
    if _quick_receipt is not None:
        octets = _quick_receipt(
            message.body,
            identifier,
            segments,
            delivered,
            submitted,
            done,
            stat,
            error,
            smpp_state,
            reference,
        )
        if octets is not None:
            return octets
    text = _TEXT % (identifier, segments, delivered, submitted, done, stat, error)
    body = _BODY % (
        _addresses(message),
        len(text),
        text,
        len(identifier) + 1,
        identifier,
        smpp_state,
    )
    if reference != NO_REFERENCE:
        body += _REFERENCE + reference.to_bytes(2, "big")
    return _pack_header(16 + len(body), _DELIVER_SM, 0, 0) + body


def notification_octets(message: OpenMessage, at_us: int, name: bytes = b"") -> bytes:
    """The deliver_sm that tells an ESME that its message is still on its way (SMPP v3.4 section 2.11).

    Its form is that of a receipt with another type in esm_class (section 5.2.12).
    """
    identifier = name or b"%d" % message.message_id
    tlvs: tuple[tuple[int, bytes], ...] = (
        (int(TlvTag.receipted_message_id), identifier + b"\0"),
        (int(TlvTag.message_state), bytes((SmppState.ENROUTE,))),
    )
    if message.client_reference != NO_REFERENCE:
        tlvs = (*tlvs, (int(TlvTag.user_message_reference), message.client_reference.to_bytes(2, "big")))
    octets = encode_pdu(
        DeliverSm(
            esm_class=EsmClass.INTERMEDIATE_NOTIFICATION,
            short_message=format_receipt(
                identifier.decode(),
                SmppState.ENROUTE,
                from_epoch_us(id_epoch_us(message.message_id)),
                from_epoch_us(at_us),
                submitted=message.segment_count,
            ),
            tlvs=tlvs,
        )
    )
    body = b"\0" + _addresses(message) + octets[HEADER_OCTETS + _NO_ADDRESSES_OCTETS :]
    return _pack_header(HEADER_OCTETS + len(body), _DELIVER_SM, 0, 0) + body


def _addresses(message: OpenMessage) -> bytes:
    """TON, NPI and address of its recipient, then of its sender, as they stand in the stored submit_sm.

    Of a message without one: the recipient as an international number.
    """
    stored = message.body
    if not stored:
        source = message.source
        kind = Ton.UNKNOWN if source.isdigit() else Ton.ALPHANUMERIC
        to = bytes((Ton.INTERNATIONAL, Npi.ISDN)) + message.destination.encode("latin-1")
        return to + bytes((0, kind, Npi.UNKNOWN)) + source[:SOURCE_SHOWN_MAX].encode("latin-1") + b"\0"
    source_at = stored.index(0, HEADER_OCTETS) + 1  # behind service_type, SMPP v3.4 section 4.4.1
    destination_at = stored.index(0, source_at + 2) + 1
    return stored[destination_at : stored.index(0, destination_at + 2) + 1] + stored[source_at:destination_at]


def error_octets(error_code: str) -> bytes:
    """An error code as a receipt's text has room for it: three characters; 000 for any other word."""
    if not 0 < len(error_code) <= 3 or not (error_code.isascii() and error_code.isalnum()):
        return NO_ERROR
    return error_code.rjust(3, "0").encode()


def _date(at_us: int) -> bytes:
    """YYMMDDhhmm in UTC."""
    minute = at_us // _MICROS_PER_MINUTE
    date = _dates.get(minute)
    if date is None:
        if len(_dates) >= MINUTES_REMEMBERED:
            _dates.clear()
        date = _dates[minute] = f"{from_epoch_us(at_us):%y%m%d%H%M}".encode()
    return date
