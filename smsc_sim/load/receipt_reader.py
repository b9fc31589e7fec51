"""Receipt reader: what a deliver_sm is (receipt, intermediate notification, message) and which id it tells.

Pure. The usual receipt is read straight from the octets, without making a PDU; everything else by the codec,
text first (appendix B of SMPP v3.4) and then receipted_message_id and message_state (5.3.2.12, 5.3.2.35).
"""

import re
from typing import Final

from operator_push.smpp.codec import PduDecodeError, decode_pdu
from operator_push.smpp.constants import ESM_CLASS_TYPE_MASK, EsmClass, MessageState
from operator_push.smpp.message_id import MessageIdForm, canonical_message_id
from operator_push.smpp.pdu import DataSm, DeliverSm
from operator_push.smpp.receipt_text import STAT_TEXTS, message_state_of, parse_receipt
from operator_push.smpp.tlv import TlvTag
from smsc_sim.load.plan import ReceiptIds

MOBILE_ORIGINATED: Final = (b"", "MO")
INTERMEDIATE: Final = (b"", "INTERMEDIATE")
UNREADABLE: Final = (b"", "UNREADABLE")

_HEADER_OCTETS = 16
_RECEIPT = int(EsmClass.SMSC_DELIVERY_RECEIPT)
_INTERMEDIATE = int(EsmClass.INTERMEDIATE_NOTIFICATION)
_USUAL: Final = re.compile(
    rb"id:(\S+) sub:\d+ dlvrd:\d+ submit date:\d+ done date:\d+ "
    rb"stat:(DELIVRD|EXPIRED|DELETED|UNDELIV|REJECTD|UNKNOWN) "
)
_FINAL: Final = frozenset(
    STAT_TEXTS[state]
    for state in (
        MessageState.DELIVERED,
        MessageState.EXPIRED,
        MessageState.DELETED,
        MessageState.UNDELIVERABLE,
        MessageState.UNKNOWN,
        MessageState.REJECTED,
        MessageState.ACCEPTED,
    )
)
_USUAL_STATS: Final = {stat.encode(): stat for stat in _FINAL}


def read_delivery(octets: bytes) -> tuple[bytes, str]:
    """(message id, stat) of the receipt in a whole deliver_sm or data_sm.

    Anything else is one of the constants above, whose id is empty. A receipt of a state that is not final
    (ENROUTE, SCHEDLD) is an INTERMEDIATE.
    """
    try:
        at = octets.index(b"\0", _HEADER_OCTETS) + 3  # service_type; TON, NPI
        at = octets.index(b"\0", at) + 3  # source_addr; TON, NPI
        at = octets.index(b"\0", at) + 1  # destination_addr
        kind = octets[at] & ESM_CLASS_TYPE_MASK
    except (ValueError, IndexError):
        return UNREADABLE
    if not kind:
        return MOBILE_ORIGINATED
    if kind == _INTERMEDIATE:
        return INTERMEDIATE
    if kind != _RECEIPT:
        return MOBILE_ORIGINATED
    usual = _USUAL.search(octets, at)
    if usual is not None:
        return usual[1], _USUAL_STATS[usual[2]]
    return _read_unusual(octets)


def receipt_id_form(ids: ReceiptIds) -> MessageIdForm | None:
    """How to read a receipt's id so that it is that of the response; None where they are written alike."""
    return {"same": None, "hexadecimal": MessageIdForm.HEXADECIMAL, "decimal": MessageIdForm.DECIMAL}[ids]


def canonical_id(message_id: bytes, form: MessageIdForm) -> bytes:
    """An id as decimal digits, from the form that it is written in."""
    return canonical_message_id(message_id.decode("latin-1"), form).encode("latin-1")


def _read_unusual(octets: bytes) -> tuple[bytes, str]:
    try:
        pdu = decode_pdu(octets)
    except PduDecodeError:
        return UNREADABLE
    if not isinstance(pdu, DeliverSm | DataSm):
        return UNREADABLE
    text = pdu.short_message if isinstance(pdu, DeliverSm) else b""
    fields = parse_receipt(text or pdu.tlv(int(TlvTag.message_payload)) or b"")
    if fields is not None:
        state = message_state_of(fields.stat)
        stat = fields.stat if state is None else STAT_TEXTS[state]
        return _told(fields.id.encode("latin-1"), stat)
    identifier = pdu.tlv(int(TlvTag.receipted_message_id))
    octet = pdu.tlv(int(TlvTag.message_state))
    if not identifier or not octet:
        return UNREADABLE
    known = {int(state): stat for state, stat in STAT_TEXTS.items()}
    return _told(identifier.rstrip(b"\0"), known.get(octet[0], "UNKNOWN"))


def _told(message_id: bytes, stat: str) -> tuple[bytes, str]:
    if stat in (STAT_TEXTS[MessageState.ENROUTE], STAT_TEXTS[MessageState.SCHEDULED]):
        return INTERMEDIATE
    return message_id, stat
