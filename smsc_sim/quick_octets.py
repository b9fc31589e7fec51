"""Quick octets: the two PDUs that leave the simulator with every message, written in one go.

A submit_sm_resp (SMPP v3.4 section 4.4.2) and the body of a receipt's deliver_sm (section 4.6.1) have few
fields that differ, so one f-string writes them in 0.4 µs where a Struct and the codec take 2 µs. Law: the
octets are those of the codec (tests compare). Everything else, and whatever a fault looks at, goes through
the codec.
"""

from struct import Struct

from operator_push.smpp.constants import CommandId, EsmClass
from operator_push.smpp.pdu import SubmitSm

DELIVER_SM = int(CommandId.deliver_sm)
_SUBMIT_SM_RESP = int(CommandId.submit_sm_resp)
_OCTETS = tuple(map(chr, range(256)))  # As latin-1 text, which is what the f-strings are
_pack_header = Struct(">IIII").pack
_ESM_CLASS = _OCTETS[EsmClass.SMSC_DELIVERY_RECEIPT]
# protocol_id, priority_flag, two empty times, registered_delivery, replace_if_present_flag, data_coding and
# sm_default_msg_id of a receipt.
_USUAL = "\0" * 8
_REFERENCE_TLV = "\x02\x04\0\x02"  # user_message_reference, two octets
_ID_TLV = "\0\x1e\0"  # receipted_message_id; its length has one octet more
_STATE_TLV = "\x04\x27\0\x01"  # message_state, one octet


def submit_sm_resp(sequence_number: int, smsc_message_id: str) -> bytes:
    """The whole PDU with status ESME_ROK and no TLV; the id is latin-1 without NUL."""
    body = smsc_message_id.encode("latin-1")
    return _pack_header(17 + len(body), _SUBMIT_SM_RESP, 0, sequence_number) + body + b"\0"


def pdu_of(command_id: int, sequence_number: int, body: bytes) -> bytes:
    """A request with this body."""
    return _pack_header(16 + len(body), command_id, 0, sequence_number) + body


def receipt_body(
    submit: SubmitSm, smsc_message_id: str, text: str, state: int, reference: int | None
) -> bytes:
    """The body of the deliver_sm with the receipt of `submit`: its addresses turned round, and the TLVs.

    `text` has at most 254 octets, the id at most 64 (section 5.3.2.12).
    """
    tlv = "" if reference is None else f"{_REFERENCE_TLV}{_OCTETS[reference >> 8]}{_OCTETS[reference & 255]}"
    octets = _OCTETS
    return (
        f"\0{octets[submit.dest_addr_ton]}{octets[submit.dest_addr_npi]}{submit.destination_addr}\0"
        f"{octets[submit.source_addr_ton]}{octets[submit.source_addr_npi]}{submit.source_addr}\0"
        f"{_ESM_CLASS}{_USUAL}{octets[len(text)]}{text}"
        f"{tlv}{_ID_TLV}{octets[len(smsc_message_id) + 1]}{smsc_message_id}\0{_STATE_TLV}{octets[state]}"
    ).encode("latin-1")
