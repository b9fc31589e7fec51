"""MO mapping: what a subscriber's message looks like to the ESME that it is for.

The parts of a long message become one deliver_sm; what a link writes in its country's way leaves in the
international one. data_coding 0 means the GSM default alphabet to an ESME, so what came in another default of
its link's is written anew, and kept so: a later start reads the same text, whatever the link is set to then.
An address of a data_sm that is longer than a deliver_sm has room for is cut; the store keeps it whole.
"""

from collections.abc import Sequence

from operator_push.gateway.message_cutting import (
    COUNTER_AND_SHARD_BITS,
    names_tables,
    payload_of,
    split_header,
)
from operator_push.kernel.numbering import is_msisdn
from operator_push.services.hear_subscribers import Inbound
from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.constants import EsmClass, Npi, Ton
from operator_push.smpp.pdu import DataSm, DeliverSm
from operator_push.smpp.tlv import TlvTag
from operator_push.text.data_coding import Encoding, choose_encoding, data_coding_of, encode_text, encoding_of
from operator_push.text.link_text import SMSC_DEFAULT, DefaultAlphabet
from operator_push.text.segmentation import cut_user_data, segment_headers

SHORT_MESSAGE_OCTETS_MAX = 254
ADDRESS_OCTETS_MAX = 20  # of a deliver_sm (SMPP v3.4 section 4.6.1); a data_sm has room for 64
_PAYLOAD = int(TlvTag.message_payload)
_SAR = (int(TlvTag.sar_msg_ref_num), int(TlvTag.sar_total_segments), int(TlvTag.sar_segment_seqnum))


def joined(parts: Sequence[Inbound]) -> Inbound:
    """One message of the parts of a long one, in their order: its text joined, its octets without headers."""
    first = _deliver_sm(parts[0].body)
    text = "".join(part.text for part in parts)
    pdus = [_deliver_sm(part.body) for part in parts]
    if len({pdu.data_coding for pdu in pdus}) == 1:
        octets = b"".join(map(_text_octets, pdus))
    else:
        first.data_coding, octets = _written(text)
    first.esm_class &= ~EsmClass.UDHI
    first.tlvs = tuple(tlv for tlv in first.tlvs if tlv[0] not in _SAR)
    _put_user_data(first, octets)
    return Inbound(parts[0].source, parts[0].destination, text, encode_pdu(first))


def write_in_our_alphabet(pdu: DeliverSm | DataSm, text: str, default_alphabet: DefaultAlphabet) -> None:
    """Write `text`, which `pdu` carries in its link's default alphabet, in the GSM default alphabet or UCS2.

    What means the same to everybody stays: other encodings, and septets of national tables.
    """
    is_packed = default_alphabet is DefaultAlphabet.GSM7_PACKED
    if encoding_of(pdu.data_coding) is not Encoding.GSM7 or (pdu.data_coding and not is_packed):
        return
    header = b""
    if pdu.esm_class & EsmClass.UDHI:
        payload = payload_of(pdu)
        header = payload[: payload[0] + 1] if payload else b""
        if names_tables(header[1:]):
            return
    data_coding, octets = _written(text)
    pdu.data_coding = pdu.data_coding if data_coding == SMSC_DEFAULT else data_coding
    _put_user_data(pdu, header + octets)


def delivery_octets(inbound: Inbound) -> bytes:
    """The deliver_sm for the ESME, with the sender's international number and sequence_number 0."""
    pdu = _deliver_sm(inbound.body)
    pdu.sequence_number = 0
    pdu.registered_delivery = 0
    if is_msisdn(inbound.source):
        pdu.source_addr = inbound.source
        pdu.source_addr_ton, pdu.source_addr_npi = Ton.INTERNATIONAL, Npi.ISDN
    return encode_pdu(pdu)


def parts_of_delivery(body: bytes, delivery_id: int) -> list[bytes]:
    """A deliver_sm of a long text as those of its parts: SMPP 3.3 has no message_payload.

    Their reference is from the milliseconds and the counter inside the id, so the same for each try.

    Raises:
        ValueError: it cannot be cut.
    """
    pdu = _deliver_sm(body)
    elements, text = split_header(payload_of(pdu), bool(pdu.esm_class & EsmClass.UDHI))
    cuts = cut_user_data(text, encoding_of(pdu.data_coding), 8, len(elements))
    pdu.tlvs = ()
    reference = (delivery_id >> COUNTER_AND_SHARD_BITS) + delivery_id & 0xFF
    headers = segment_headers(len(cuts), reference, 8, elements)
    pdu.esm_class |= EsmClass.UDHI
    parts = []
    for header, cut in zip(headers, cuts, strict=True):
        pdu.short_message = header + cut
        parts.append(encode_pdu(pdu))
    return parts


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


def _written(text: str) -> tuple[int, bytes]:
    """(data_coding, octets) of a text."""
    encoding = choose_encoding(text)
    return data_coding_of(encoding), encode_text(text, encoding)


def _put_user_data(pdu: DeliverSm | DataSm, octets: bytes) -> None:
    """Octets as short_message, or as message_payload where they are longer or there is no other place."""
    pdu.tlvs = tuple(tlv for tlv in pdu.tlvs if tlv[0] != _PAYLOAD)
    if isinstance(pdu, DeliverSm) and len(octets) <= SHORT_MESSAGE_OCTETS_MAX:
        pdu.short_message = octets
        return
    if isinstance(pdu, DeliverSm):
        pdu.short_message = b""
    pdu.tlvs = (*pdu.tlvs, (_PAYLOAD, octets))


def _text_octets(pdu: DeliverSm) -> bytes:
    payload = payload_of(pdu)
    return payload[payload[0] + 1 :] if pdu.esm_class & EsmClass.UDHI and payload else payload
