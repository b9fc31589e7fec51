"""Parcels: a deliver_sm as a data_sm carries the same message."""

from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.pdu import DeliverSm
from operator_push.smpp.tlv import TlvTag
from smsc_sim.parcel import Parcel, as_data_sm

PAYLOAD = int(TlvTag.message_payload)


def test_the_text_goes_into_message_payload_and_other_tlvs_stay():
    deliver = DeliverSm(
        source_addr="91", destination_addr="5", esm_class=4, short_message=b"id:1", tlvs=((0x1E, b"1\0"),)
    )
    parcel = as_data_sm(Parcel(deliver, True, ""))
    assert parcel.command == "data_sm"
    assert parcel.pdu.tlvs == ((0x1E, b"1\0"), (PAYLOAD, b"id:1"))
    assert (parcel.pdu.source_addr, parcel.pdu.destination_addr, parcel.pdu.esm_class) == ("91", "5", 4)
    assert decode_pdu(encode_pdu(parcel.pdu)) == parcel.pdu
    assert as_data_sm(parcel) is parcel
    assert len(parcel.pdu.tlvs) == 2


def test_a_message_payload_stays_the_only_one():
    parcel = as_data_sm(Parcel(DeliverSm(tlvs=((PAYLOAD, b"x" * 300),)), False, ""))
    assert parcel.pdu.tlvs == ((PAYLOAD, b"x" * 300),)
