"""A PDU as a person reads it: names instead of numbers where there are such, and its octets as hex.

Never fails: octets that cannot be decoded are shown with the reason, a text that cannot be read with marks.
Shown are the wire's own fields, in the wire's order; nothing is hidden, the password of a bind neither.
"""

from typing import Any

import msgspec

from operator_push.smpp.codec import decode_pdu
from operator_push.smpp.codec_errors import PduDecodeError
from operator_push.smpp.constants import EsmClass, command_name, status_name
from operator_push.smpp.pdu import DataSm, MessagePdu, Pdu, SubmitMulti
from operator_push.smpp.tlv import TLV_SPECS, TlvTag, c_octet_value, tlv_name
from operator_push.text.data_coding import Encoding, decode_text, encoding_of
from operator_push.text.gsm7 import decode_gsm7
from operator_push.text.user_data_header import (
    InformationElement,
    concatenation,
    national_language,
    split_user_data,
)

_HEADER_FIELDS = frozenset({"sequence_number", "command_status", "tlvs", "raw_body", "command_id"})
_INTEGER_OCTETS_MAX = 4  # SMPP integers have 1, 2 or 4 octets.


def view_of(octets: bytes) -> dict[str, Any]:
    """`octets` (one whole PDU with its header) as JSON-ready members; `error` where it cannot be decoded."""
    number = int.from_bytes(octets[4:8], "big")
    status = int.from_bytes(octets[8:12], "big")
    shown: dict[str, Any] = {
        "command": name_of_command(number),
        "command_id": f"0x{number:08x}",
        "command_status": status_name(status),
        "sequence_number": int.from_bytes(octets[12:16], "big"),
        "length": len(octets),
    }
    try:
        pdu = decode_pdu(octets)
    except PduDecodeError as fault:
        return shown | {"error": str(fault), "fields": {}, "tlvs": [], "hex": octets.hex()}
    names = [name for name in pdu.__struct_fields__ if name not in _HEADER_FIELDS]
    shown["fields"] = {name: _plain(getattr(pdu, name)) for name in names}
    shown["tlvs"] = [_tlv(tag, value) for tag, value in pdu.tlvs]
    text = _text(pdu)
    if text is not None:
        shown["text"] = text
    return shown | {"hex": octets.hex()}


def name_of_command(command_id: int) -> str:
    """The specification's name, or the number where it has none."""
    return command_name(command_id) or f"0x{command_id:08x}"


def _plain(value: Any) -> Any:
    """A field's value for JSON: octets as hex, structs as members."""
    match value:
        case bytes():
            return value.hex()
        case msgspec.Struct():
            return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
        case tuple() | list():
            return [_plain(one) for one in value]
        case _:
            return value


def _tlv(tag: int, value: bytes) -> dict[str, Any]:
    shown: dict[str, Any] = {"tag": f"0x{tag:04x}", "name": tlv_name(tag) or "", "hex": value.hex()}
    spec = TLV_SPECS.get(tag)
    if spec is not None and spec.c_octet_string:
        shown["value"] = c_octet_value(value)
    elif spec is not None and isinstance(spec.lengths, frozenset) and 0 < len(value) <= _INTEGER_OCTETS_MAX:
        shown["value"] = int.from_bytes(value, "big")
    return shown


def _text(pdu: Pdu) -> dict[str, Any] | None:
    """What the message says, its alphabet, and which part of a long message it is."""
    if not isinstance(pdu, MessagePdu | DataSm | SubmitMulti):
        return None
    octets = getattr(pdu, "short_message", b"") or pdu.tlv(int(TlvTag.message_payload)) or b""
    if not octets:
        return None
    encoding = encoding_of(pdu.data_coding)
    shown: dict[str, Any] = {"alphabet": encoding.value}
    elements: tuple[InformationElement, ...] = ()
    if pdu.esm_class & int(EsmClass.UDHI):
        try:
            elements, octets = split_user_data(octets)
        except ValueError:
            return shown | {"error": "the user data header is broken"}
        part = concatenation(elements)
        if part is not None:
            shown["part"] = {"reference": part.reference, "total": part.total, "part": part.part}
    if encoding is Encoding.GSM7:
        shown["text"] = decode_gsm7(octets, "replace", *national_language(elements))
    elif encoding is not Encoding.BINARY:
        shown["text"] = decode_text(octets, encoding)
    return shown
