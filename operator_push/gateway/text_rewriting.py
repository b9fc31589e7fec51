"""Text rewriting: other words in an offered message, in the alphabet that it came in, cut and counted anew.

What has no text of its own to add to stays as it is: octets that are no text, a text below a user data
header, one part of a message that its ESME cut itself.
"""

import msgspec

from operator_push.gateway.cut_choice import SHORT_MESSAGE_OCTETS_MAX, MessageCutter
from operator_push.gateway.cut_plan import PLAN_TAG
from operator_push.gateway.message_cutting import Wire, payload_of
from operator_push.gateway.pdu_mapping import STORED_OCTETS_MAX
from operator_push.services.accept_submissions import Offered
from operator_push.services.offer_way_out import Change
from operator_push.smpp.codec import PduDecodeError, PduEncodeError, decode_pdu, encode_pdu
from operator_push.smpp.constants import EsmClass
from operator_push.smpp.pdu import SubmitSm
from operator_push.smpp.tlv import TlvTag
from operator_push.text.data_coding import Encoding, encode_text, encoding_of
from operator_push.text.link_text import DefaultAlphabet, read_user_data

_PAYLOAD = int(TlvTag.message_payload)
_UDHI = int(EsmClass.UDHI)


class TextRewriting:
    """Rewrites what came to the door (services.offer_way_out.Rewrite)."""

    def __init__(self, cutter: MessageCutter) -> None:
        self._cutter = cutter

    def rewritten(self, offer: Offered, change: Change, now_us: int) -> Offered | None:
        """The offer with its text changed; the same where the text stays, None where that cannot be done."""
        try:
            pdu = decode_pdu(offer.body)
        except PduDecodeError:
            return None
        if not isinstance(pdu, SubmitSm):
            return None
        encoding = encoding_of(pdu.data_coding)
        if encoding is Encoding.BINARY:
            return None
        has_header = bool(pdu.esm_class & _UDHI)
        text = read_user_data(payload_of(pdu), pdu.data_coding, has_header, DefaultAlphabet.GSM7)
        changed = change(text, lambda words: can_write(words, encoding))
        if changed == text:
            return offer
        if has_header or offer.part is not None:
            return None
        return self._with_text(offer, pdu, changed, encoding, now_us)

    def _with_text(
        self, offer: Offered, pdu: SubmitSm, text: str, encoding: Encoding, now_us: int
    ) -> Offered | None:
        submission = offer.submission
        try:
            payload = encode_text(text, encoding)
        except ValueError:
            return None
        is_long = len(payload) > SHORT_MESSAGE_OCTETS_MAX
        kept = tuple(tlv for tlv in pdu.tlvs if tlv[0] not in (_PAYLOAD, PLAN_TAG))
        pdu.short_message = b"" if is_long else payload
        pdu.tlvs = (*kept, (_PAYLOAD, payload)) if is_long else kept
        wire = self._cutter.wire_of(
            pdu, submission.destination, submission.account_no, submission.traffic_class, now_us
        )
        if not isinstance(wire, Wire):
            return None
        try:
            body = encode_pdu(pdu)
        except PduEncodeError:
            return None
        if len(body) > STORED_OCTETS_MAX:
            return None
        counted = msgspec.structs.replace(submission, segment_count=len(wire.segments))
        return msgspec.structs.replace(offer, submission=counted, body=body, wire=wire, whole=wire.is_whole)


def can_write(text: str, encoding: Encoding) -> bool:
    """True where this alphabet has every character of the text."""
    try:
        encode_text(text, encoding)
    except ValueError:
        return False
    return True
