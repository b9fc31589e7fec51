"""Concatenation: which part of which long message a submit_sm is, by its user data header or by TLVs.

3GPP TS 23.040 sections 9.2.3.24.1 (8-bit reference) and 9.2.3.24.8 (16-bit); SMPP v3.4 section 5.3.2.22-24
(sar_*). Odd headers are no error here: the part is then simply not known.
"""

from operator_push.smpp.constants import EsmClass
from operator_push.smpp.pdu import SubmitSm
from operator_push.smpp.tlv import TlvTag
from operator_push.text.data_coding import encoding_of
from operator_push.text.segmentation import cut_user_data
from operator_push.text.user_data_header import (
    CONCATENATION_8_BIT,
    CONCATENATION_HEADER_OCTETS,
    concatenation,
    split_user_data,
)

_UDHI = int(EsmClass.UDHI)
_USUAL_HEADER = bytes((5, CONCATENATION_8_BIT, 3))

ConcatPart = tuple[int, int, int]  # reference, total, part


def concat_part(pdu: SubmitSm, octets: bytes) -> ConcatPart | None:
    """(reference, total, part) of a segment whose user data are `octets`, or None where it stands alone."""
    if pdu.esm_class & _UDHI:
        return udh_concat(octets)
    if len(pdu.tlvs) < len(("reference", "total", "part")):
        return None
    reference = pdu.tlv(TlvTag.sar_msg_ref_num)
    if reference is None:
        return None
    total = pdu.tlv(TlvTag.sar_total_segments)
    part = pdu.tlv(TlvTag.sar_segment_seqnum)
    if total is None or part is None:
        return None
    return int.from_bytes(reference, "big"), int.from_bytes(total, "big"), int.from_bytes(part, "big")


def segments_on_air(pdu: SubmitSm, octets: bytes) -> int:
    """How many short messages one submit_sm's user data become on the air; 1 where they cannot be cut."""
    elements, text = b"", octets
    if pdu.esm_class & _UDHI:
        head_octets = octets[0] + 1
        elements, text = octets[1:head_octets], octets[head_octets:]
    try:
        return len(cut_user_data(text, encoding_of(pdu.data_coding), 8, len(elements)))
    except ValueError:
        return 1


def udh_concat(octets: bytes) -> ConcatPart | None:
    """The concatenation element of the user data header at the start of `octets`."""
    if octets[:3] == _USUAL_HEADER and len(octets) >= CONCATENATION_HEADER_OCTETS:
        return octets[3], octets[4], octets[5]
    try:
        part = concatenation(split_user_data(octets)[0])
    except ValueError:
        return None
    return None if part is None else (part.reference, part.total, part.part)
