"""Parcels: a deliver_sm as a data_sm carries the same message, and octets are a PDU once somebody asks."""

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


def test_octets_become_a_pdu_when_somebody_asks_and_then_the_pdu_counts():
    deliver = DeliverSm(source_addr="91", destination_addr="5", esm_class=4, short_message=b"id:1")
    parcel = Parcel(None, True, "", body=encode_pdu(deliver)[16:])
    assert parcel.pdu == deliver
    assert parcel.body == b""
    parcel.pdu.esm_class = 0x20
    assert parcel.pdu.esm_class == 0x20


def test_octets_as_a_data_sm_carry_the_same_message():
    deliver = DeliverSm(source_addr="91", destination_addr="5", esm_class=4, short_message=b"id:1")
    parcel = as_data_sm(Parcel(None, True, "", body=encode_pdu(deliver)[16:]))
    assert parcel.pdu == as_data_sm(Parcel(deliver, True, "")).pdu
    assert parcel.body == b""
