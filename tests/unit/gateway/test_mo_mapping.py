"""A subscriber's message as its ESME gets it: long ones whole, the sender international."""

import pytest

from operator_push.domain.address_rules import AddressRules
from operator_push.gateway.mo_mapping import delivery_octets, joined
from operator_push.gateway.pdu_mapping import inbound_of
from operator_push.services.hear_subscribers import Inbound
from operator_push.smpp.codec import decode_pdu
from operator_push.smpp.pdu import DataSm, DeliverSm
from operator_push.smpp.tlv import TlvTag
from operator_push.text.link_text import DefaultAlphabet

PAYLOAD = int(TlvTag.message_payload)


def inbound(pdu: DeliverSm | DataSm, rules: AddressRules | None = None) -> Inbound:
    return inbound_of(pdu, DefaultAlphabet.GSM7, rules)


def by_header(number: int, text: bytes) -> DeliverSm:
    header = bytes((5, 0, 3, 9, 2, number))
    return DeliverSm(source_addr="919812345678", esm_class=0x40, short_message=header + text)


def by_tlvs(number: int, text: bytes) -> DeliverSm:
    sar = ((0x020C, b"\0\7"), (0x020E, b"\2"), (0x020F, bytes((number,))), (0x1400, b"kept"))
    return DeliverSm(source_addr="919812345678", short_message=text, tlvs=sar)


@pytest.mark.parametrize("cut", [by_header, by_tlvs])
def test_parts_become_one_message_without_their_headers(cut: object):
    parts = [inbound(cut(1, b"dear ")), inbound(cut(2, b"shop"))]  # type: ignore[operator]
    assert all(part.part is not None for part in parts)
    whole = joined(parts)
    assert (whole.text, whole.part) == ("dear shop", None)
    pdu = decode_pdu(whole.body)
    assert isinstance(pdu, DeliverSm)
    assert (pdu.short_message, pdu.esm_class) == (b"dear shop", 0)
    assert all(tag == 0x1400 for tag, _ in pdu.tlvs)


def test_a_text_that_short_message_does_not_hold_is_a_payload():
    pdu = decode_pdu(joined([inbound(by_header(1, b"x" * 134)), inbound(by_header(2, b"y" * 134))]).body)
    assert isinstance(pdu, DeliverSm)
    assert pdu.short_message == b""
    assert pdu.tlv(PAYLOAD) == b"x" * 134 + b"y" * 134


def test_the_sender_leaves_as_an_international_number_by_its_link_s_rules():
    pdu = DeliverSm(7, source_addr="09812345678", destination_addr="56070", short_message=b"hi")
    assert inbound(pdu).source == "09812345678"
    heard = inbound(pdu, AddressRules("91"))
    assert heard.source == "919812345678"
    sent = decode_pdu(delivery_octets(heard))
    assert isinstance(sent, DeliverSm)
    assert (sent.source_addr, sent.source_addr_ton, sent.source_addr_npi) == ("919812345678", 1, 1)
    assert (sent.sequence_number, sent.destination_addr, sent.short_message) == (0, "56070", b"hi")


def test_a_data_sm_from_the_smsc_is_delivered_as_deliver_sm():
    heard = inbound(DataSm(source_addr="919812345678", tlvs=((PAYLOAD, b"hello"),)))
    sent = decode_pdu(delivery_octets(heard))
    assert isinstance(sent, DeliverSm)
    assert sent.tlv(PAYLOAD) == b"hello"
    assert heard.text == "hello"


def test_a_data_sm_with_an_address_that_a_deliver_sm_has_no_room_for_is_delivered_all_the_same():
    heard = inbound(DataSm(source_addr="s" * 47, destination_addr="d" * 64, tlvs=((PAYLOAD, b"hello"),)))
    assert heard.source == "s" * 47
    sent = decode_pdu(delivery_octets(heard))
    assert isinstance(sent, DeliverSm)
    assert (sent.source_addr, sent.destination_addr) == ("s" * 20, "d" * 20)


def test_a_header_that_cannot_be_read_leaves_a_message_of_its_own_as_it_came():
    pdu = DeliverSm(source_addr="919812345678", esm_class=0x40, short_message=b"\x7fSTOP")
    heard = inbound(pdu)
    assert heard.part is None
    sent = decode_pdu(delivery_octets(heard))
    assert isinstance(sent, DeliverSm)
    assert (sent.short_message, sent.esm_class) == (b"\x7fSTOP", 0x40)
