"""USSD mapping: what makes a submit_sm a message for the screen, and the checks that it is one.

It has service_type "USSD" (SMPP v3.4 section 5.2.11) and asks for an unstructured-SS-notify: ussd_service_op
3, USSN request (section 5.3.2.44). A notify has no answer; a dialogue (USSR and what follows it) would need a
session with the handset, which nothing here keeps, so what asks for one is refused.
"""

from typing import Final

from operator_push.domain.consent import SMS, USSD
from operator_push.smpp.constants import EsmClass
from operator_push.smpp.pdu import SubmitSm
from operator_push.smpp.tlv import TlvTag
from operator_push.text.data_coding import encoding_of
from operator_push.text.ussd_text import ussd_problem

USSD_SERVICE: Final = "USSD"
USSN_REQUEST: Final = 3
_SERVICE_OP: Final = int(TlvTag.ussd_service_op)
_PARTS: Final = frozenset({int(TlvTag.sar_msg_ref_num), int(TlvTag.sar_total_segments)})
_UDHI: Final = int(EsmClass.UDHI)


def channel_of(pdu: SubmitSm) -> str:
    """By what a submit_sm wants to come to the handset (domain.contact_channels)."""
    return USSD if pdu.service_type == USSD_SERVICE else SMS


def make_notify(pdu: SubmitSm, payload: bytes) -> str:
    """Let a USSD submit_sm ask for a notify where it does not say what it asks for; `payload`: its text.

    Returns why it cannot be sent, "" where it can.
    """
    if pdu.esm_class & _UDHI or any(tag in _PARTS for tag, _ in pdu.tlvs):
        return "a USSD text is one segment and has no user data header"
    asked = pdu.tlv(_SERVICE_OP)
    if asked is None:
        pdu.tlvs = (*pdu.tlvs, (_SERVICE_OP, bytes((USSN_REQUEST,))))
    elif asked != bytes((USSN_REQUEST,)):
        return f"ussd_service_op {asked.hex()} is not {USSN_REQUEST:02x} (USSN request), a notify"
    return ussd_problem(payload, encoding_of(pdu.data_coding))
