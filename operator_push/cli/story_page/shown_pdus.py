"""PDUs as the page shows them: fields by the names of the specification, numbers masked, texts not at all."""

from collections.abc import Iterable, Iterator
from typing import Any

from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.instants import iso
from operator_push.kernel.numbering import mask_number
from operator_push.smpp.codec import PduDecodeError, decode_pdu
from operator_push.smpp.flat_form import to_flat
from operator_push.smpp.pdu import Pdu
from operator_push.store.story_octets import KeptPdu

_RECIPIENT, _SENDER = "destination_addr", "source_addr"
# What may hold the text of a message, or a part of it: a receipt repeats its first characters.
_TEXTS = {"short_message_hex", "body_hex"}
# TLVs that hold neither a text nor anybody's number.
_PLAIN_TLVS = {
    "user_message_reference",
    "receipted_message_id",
    "message_state",
    "network_error_code",
    "sar_msg_ref_num",
    "sar_total_segments",
    "sar_segment_seqnum",
}
_LEFT_OUT = {"command_length", "command_id", "command"}
NUMBER_DIGITS = 7  # Ours: shorter senders are short codes, which are nobody's


def shown_pdus(kept: Iterable[KeptPdu]) -> Iterator[dict[str, Any]]:
    """(name, when, fields) of each PDU; one that cannot be read says so."""
    for each in kept:
        at = iso(id_epoch_us(each.delivery_id)) if each.delivery_id else None
        try:
            flat = to_flat(decode_pdu(each.octets))
        except PduDecodeError as error:
            yield {"name": "octets that are no PDU", "at": at, "fields": [("error", str(error))]}
            continue
        name = flat["command"] or "PDU"
        yield {
            "name": f"{name} {'to' if each.delivery_id else 'of'} the client",
            "at": at,
            "fields": list(_fields(flat)),
        }


def fields_of(pdu: Pdu) -> Iterator[tuple[str, str]]:
    """(name, value) of a PDU's fields, as they may be shown."""
    return _fields(to_flat(pdu))


def _fields(flat: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in flat.items():
        if name in _LEFT_OUT:
            continue
        if name == "tlvs":
            for tlv in value:
                named, octets = str(tlv["name"] or tlv["tag"]), tlv["value_hex"]
                yield named, octets if named in _PLAIN_TLVS else _hidden(octets)
        elif name in _TEXTS:
            yield name, _hidden(str(value))
        else:
            yield name, _shown(name, str(value))


def _hidden(octets_hex: str) -> str:
    return f"{len(octets_hex) // 2} octets, not shown"


def _shown(name: str, text: str) -> str:
    """A recipient masked whatever it is; a sender where it is somebody's number."""
    digits = sum(character.isdigit() for character in text)
    hides = text and (name == _RECIPIENT or (name == _SENDER and digits >= NUMBER_DIGITS))
    return mask_number(text) if hides else text
