"""Content reading: what an offered message says, for whoever must hold it against a register."""

from operator_push.gateway.message_cutting import payload_of
from operator_push.services.accept_submissions import Offered
from operator_push.services.scrub_content import Content
from operator_push.smpp.codec import decode_pdu
from operator_push.smpp.constants import EsmClass
from operator_push.smpp.pdu import SubmitSm
from operator_push.text.link_text import DefaultAlphabet, read_user_data

# The TLVs that Indian operators agreed on for the ids of the DLT register, in the vendors' range of SMPP v3.4
# section 5.3.2; their octets are ASCII, some clients end them with NUL.
ENTITY_ID_TAG, TEMPLATE_ID_TAG = 0x1400, 0x1401


def content_of(offer: Offered) -> Content:
    """Text and ids of an offer; of a part of a long message, its own piece of the text."""
    pdu = decode_pdu(offer.body)
    if not isinstance(pdu, SubmitSm):
        return Content("")
    has_header = bool(pdu.esm_class & EsmClass.UDHI)
    text = read_user_data(payload_of(pdu), pdu.data_coding, has_header, DefaultAlphabet.GSM7)
    return Content(text, _ascii(pdu.tlv(ENTITY_ID_TAG)), _ascii(pdu.tlv(TEMPLATE_ID_TAG)))


def _ascii(octets: bytes | None) -> str:
    return (octets or b"").rstrip(b"\0").decode("ascii", "replace")
