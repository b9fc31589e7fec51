"""MO mapping: what a subscriber's message looks like to the ESME that it is for.

The parts of a long message become one deliver_sm; what a link writes in its country's way leaves in the
international one. An address of a data_sm that is longer than a deliver_sm has room for is cut; the
store keeps it whole.
"""

from collections.abc import Sequence

from operator_push.gateway.message_cutting import payload_of
from operator_push.kernel.numbering import is_msisdn
from operator_push.services.hear_subscribers import Inbound
from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.constants import EsmClass, Npi, Ton
from operator_push.smpp.pdu import DataSm, DeliverSm
from operator_push.smpp.tlv import TlvTag

SHORT_MESSAGE_OCTETS_MAX = 254
ADDRESS_OCTETS_MAX = 20  # of a deliver_sm (SMPP v3.4 section 4.6.1); a data_sm has room for 64
_PAYLOAD = int(TlvTag.message_payload)
_SAR = (int(TlvTag.sar_msg_ref_num), int(TlvTag.sar_total_segments), int(TlvTag.sar_segment_seqnum))


def joined(parts: Sequence[Inbound]) -> Inbound:
    """One message of the parts of a long one, in their order: its text joined, its octets without headers."""
    first = _deliver_sm(parts[0].body)
    octets = b"".join(_text_octets(_deliver_sm(part.body)) for part in parts)
    first.esm_class &= ~EsmClass.UDHI
    first.tlvs = tuple(tlv for tlv in first.tlvs if tlv[0] not in (_PAYLOAD, *_SAR))
    if len(octets) <= SHORT_MESSAGE_OCTETS_MAX:
        first.short_message = octets
    else:
        first.short_message = b""
        first.tlvs += ((_PAYLOAD, octets),)
    text = "".join(part.text for part in parts)
    return Inbound(parts[0].source, parts[0].destination, text, encode_pdu(first))


def delivery_octets(inbound: Inbound) -> bytes:
    """The deliver_sm for the ESME, with the sender's international number and sequence_number 0."""
    pdu = _deliver_sm(inbound.body)
    pdu.sequence_number = 0
    pdu.registered_delivery = 0
    if is_msisdn(inbound.source):
        pdu.source_addr = inbound.source
        pdu.source_addr_ton, pdu.source_addr_npi = Ton.INTERNATIONAL, Npi.ISDN
    return encode_pdu(pdu)


def _deliver_sm(body: bytes) -> DeliverSm:
    pdu = decode_pdu(body)
    if isinstance(pdu, DeliverSm):
        return pdu
    if not isinstance(pdu, DataSm):
        raise ValueError(f"a stored MO message is a {type(pdu).__name__}")
    return DeliverSm(
        service_type=pdu.service_type,
        source_addr_ton=pdu.source_addr_ton,
        source_addr_npi=pdu.source_addr_npi,
        source_addr=pdu.source_addr[:ADDRESS_OCTETS_MAX],
        dest_addr_ton=pdu.dest_addr_ton,
        dest_addr_npi=pdu.dest_addr_npi,
        destination_addr=pdu.destination_addr[:ADDRESS_OCTETS_MAX],
        esm_class=pdu.esm_class,
        data_coding=pdu.data_coding,
        tlvs=pdu.tlvs,
    )


def _text_octets(pdu: DeliverSm) -> bytes:
    payload = payload_of(pdu)
    return payload[payload[0] + 1 :] if pdu.esm_class & EsmClass.UDHI and payload else payload
