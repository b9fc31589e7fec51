"""Versions: what the other end's interface_version means, and a PDU as SMPP 3.3 can carry it.

Law: on a 3.3 bind no TLV leaves (SMPP v3.4 section 3.3, "guidelines for backward compatibility").
"""

import msgspec

from operator_push.smpp.codec_errors import PduEncodeError
from operator_push.smpp.constants import SHORT_MESSAGE_OCTETS_MAX, VERSION_3_3, VERSION_3_4, VERSION_5_0
from operator_push.smpp.pdu import MessagePdu, Pdu
from operator_push.smpp.tlv import TlvTag


def known_version(interface_version: int) -> int:
    """0x33, 0x34 or 0x50 for any octet: SMPP v3.4 section 5.2.4 counts 0x00..0x33 as 3.3; unknown later
    versions are taken as the newest that we know below them."""
    if interface_version < VERSION_3_4:
        return VERSION_3_3
    return VERSION_3_4 if interface_version < VERSION_5_0 else VERSION_5_0


def without_tlvs(pdu: Pdu) -> Pdu:
    """A copy for a 3.3 peer: TLVs dropped, the text of message_payload moved into short_message.

    Raises:
        PduEncodeError: that text has no room there, and a message without its text must not leave.
    """
    plain = msgspec.structs.replace(pdu, tlvs=())
    payload = pdu.tlv(TlvTag.message_payload)
    if not payload:
        return plain
    if not isinstance(plain, MessagePdu) or plain.short_message or len(payload) > SHORT_MESSAGE_OCTETS_MAX:
        raise PduEncodeError(
            f"{type(pdu).__name__}: message_payload of {len(payload)} octets has no place in SMPP 3.3"
        )
    plain.short_message = payload
    return plain
