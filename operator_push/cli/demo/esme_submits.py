"""Submits: the submit_sm that an order becomes, with the text encoded as its kind asks.

By UDH the ESME cuts the text itself and each part is a message of its own to us; with message_payload it
hands the whole text over and the gateway cuts it.
"""

import msgspec

from operator_push.cli.demo.esme_orders import PARTS, PAYLOAD, Order
from operator_push.kernel.numbering import is_msisdn
from operator_push.smpp.constants import EsmClass, Npi, TlvTag, Ton
from operator_push.smpp.pdu import SubmitSm
from operator_push.text.data_coding import Encoding
from operator_push.text.segmentation import choose_encoding, encode_text, segment_user_data

_DATA_CODING = {Encoding.GSM7: 0, Encoding.UCS2: 8}


class Submit(msgspec.Struct):
    """One submit_sm on its way; `part` counts from 1, `at_us` is when it was sent."""

    order: Order
    part: int
    pdu: SubmitSm
    at_us: int = 0


def submits_of_order(order: Order) -> list[Submit]:
    """One Submit per submit_sm.

    Raises:
        ValueError: the text does not become as many parts as the order's kind says.
    """
    encoding = choose_encoding(order.text)
    octets = encode_text(order.text, encoding)
    if order.kind == PAYLOAD:
        return [Submit(order, 1, _submit_sm(order, encoding, b"", ((int(TlvTag.message_payload), octets),)))]
    segments = segment_user_data(octets, encoding, order.number & 0xFF)
    if len(segments) != PARTS.get(order.kind, 1):
        raise ValueError(f"order {order.number} of kind {order.kind} has {len(segments)} parts")
    return [
        Submit(order, part, _submit_sm(order, encoding, segment, (), split=len(segments) > 1))
        for part, segment in enumerate(segments, 1)
    ]


def _submit_sm(
    order: Order,
    encoding: Encoding,
    short_message: bytes,
    tlvs: tuple[tuple[int, bytes], ...],
    *,
    split: bool = False,
) -> SubmitSm:
    # user_message_reference ties the receipt to the order beside the message_id (SMPP v3.4 section 5.3.2.17).
    reference = (int(TlvTag.user_message_reference), (order.number & 0xFFFF).to_bytes(2, "big"))
    is_number = is_msisdn(order.destination)
    return SubmitSm(
        source_addr_ton=Ton.ALPHANUMERIC,
        source_addr_npi=Npi.UNKNOWN,
        source_addr=order.source,
        dest_addr_ton=Ton.INTERNATIONAL if is_number else Ton.UNKNOWN,
        dest_addr_npi=Npi.ISDN if is_number else Npi.UNKNOWN,
        destination_addr=order.destination,
        esm_class=EsmClass.UDHI if split else 0,
        registered_delivery=1,
        data_coding=_DATA_CODING[encoding],
        short_message=short_message,
        tlvs=(*tlvs, reference),
    )
