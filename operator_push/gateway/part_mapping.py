"""Part mapping: where a PDU stands in a long message that its sender cut itself."""

from operator_push.domain.concatenated_parts import Part
from operator_push.gateway.message_cutting import payload_of
from operator_push.smpp.constants import EsmClass
from operator_push.smpp.pdu import DataSm, DeliverSm, SubmitSm
from operator_push.smpp.tlv import TlvTag
from operator_push.text.user_data_header import concatenation, split_user_data

_SAR_REFERENCE, _SAR_TOTAL = int(TlvTag.sar_msg_ref_num), int(TlvTag.sar_total_segments)
_SAR_PART = int(TlvTag.sar_segment_seqnum)


def part_of(pdu: SubmitSm | DeliverSm | DataSm) -> Part | None:
    """Where it stands in a long message that its sender cut itself; None for a message of its own.

    By user data header (3GPP TS 23.040 sections 9.2.3.24.1 and .8) or SAR TLVs (SMPP v3.4 sections
    5.3.2.22..24).
    """
    if pdu.esm_class & EsmClass.UDHI:
        try:
            found = concatenation(split_user_data(payload_of(pdu))[0])
        except ValueError:
            return None
        if found is not None and found.total > 1:
            return Part(found.reference, found.total, found.part)
        return None
    reference, total, part = (pdu.tlv(tag) for tag in (_SAR_REFERENCE, _SAR_TOTAL, _SAR_PART))
    if not reference or not total or not part or total[0] < 2 or not 1 <= part[0] <= total[0]:
        return None
    return Part(int.from_bytes(reference[:2], "big"), total[0], part[0])
