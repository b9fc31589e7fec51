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


@pytest.mark.parametrize(
    ("alphabet", "octets", "data_coding", "sent"),
    [
        (DefaultAlphabet.LATIN1, "Où es-tu ?".encode("latin-1"), 0, b"O\x06 es-tu ?"),
        (DefaultAlphabet.LATIN1, "\xbd litre".encode("latin-1"), 8, "\xbd litre".encode("utf-16-be")),
        (DefaultAlphabet.ASCII, b"a@b", 0, b"a\x00b"),
        (DefaultAlphabet.GSM7_PACKED, bytes.fromhex("e8329bfd06"), 0, b"hello"),
        (DefaultAlphabet.GSM7, b"a\x00b", 0, b"a\x00b"),
    ],
)
def test_an_esme_gets_the_gsm_alphabet_or_ucs2_whatever_its_link_s_default_is(
    alphabet: DefaultAlphabet, octets: bytes, data_coding: int, sent: bytes
):
    heard = inbound_of(DeliverSm(source_addr="919812345678", short_message=octets), alphabet)
    pdu = decode_pdu(delivery_octets(heard))
    assert isinstance(pdu, DeliverSm)
    assert (pdu.data_coding, pdu.short_message) == (data_coding, sent)
    later = inbound_of(pdu, DefaultAlphabet.GSM7)  # as a start reads it back
    assert later.text == heard.text


def test_what_means_the_same_on_every_link_stays_as_it_came():
    ucs2 = DeliverSm(source_addr="919812345678", data_coding=8, short_message="हाँ".encode("utf-16-be"))
    turkish = bytes((3, 0x25, 1, 1))
    national = DeliverSm(source_addr="919812345678", esm_class=0x40, short_message=turkish + b"\x04")
    for pdu in (ucs2, national):
        before = pdu.short_message
        inbound_of(pdu, DefaultAlphabet.LATIN1)
        assert pdu.short_message == before


def test_a_part_by_header_keeps_it_and_a_long_text_becomes_a_payload():
    part = inbound_of(by_header(1, "é".encode("latin-1")), DefaultAlphabet.LATIN1)
    pdu = decode_pdu(part.body)
    assert isinstance(pdu, DeliverSm)
    assert pdu.short_message == bytes((5, 0, 3, 9, 2, 1)) + b"\x05"
    stored = inbound_of(pdu, DefaultAlphabet.GSM7)  # a start must know the part again when it is repeated
    assert (stored.text, stored.part) == (part.text, part.part)
    long_text = DeliverSm(source_addr="919812345678", short_message=("½" * 160).encode("latin-1"))
    whole = decode_pdu(inbound_of(long_text, DefaultAlphabet.LATIN1).body)
    assert whole.tlv(PAYLOAD) == ("½" * 160).encode("utf-16-be")
    by_data_sm = DataSm(source_addr="919812345678", tlvs=((PAYLOAD, "é".encode("latin-1")),))
    assert decode_pdu(inbound_of(by_data_sm, DefaultAlphabet.LATIN1).body).tlv(PAYLOAD) == b"\x05"


def test_parts_of_two_encodings_become_one_text():
    ucs2 = by_header(2, "हाँ".encode("utf-16-be"))
    ucs2.data_coding = 8
    whole = joined([inbound(by_header(1, b"yes ")), inbound(ucs2)])
    pdu = decode_pdu(whole.body)
    assert isinstance(pdu, DeliverSm)
    assert (pdu.data_coding, pdu.short_message.decode("utf-16-be")) == (8, "yes हाँ")
