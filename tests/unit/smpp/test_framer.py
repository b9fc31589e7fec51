"""Cutting a stream into PDUs."""

import pytest

from operator_push.smpp.framer import Framer

pytestmark = pytest.mark.usefixtures("both_codecs")

ENQUIRE_LINK = bytes.fromhex("00000010000000150000000000000001")


def test_all_complete_pdus_of_a_chunk_come_in_one_pass():
    framer = Framer()
    assert framer.feed(ENQUIRE_LINK * 3 + ENQUIRE_LINK[:5]) == [ENQUIRE_LINK] * 3
    assert framer.waiting_octets == 5
    assert framer.feed(ENQUIRE_LINK[5:]) == [ENQUIRE_LINK]
    assert framer.waiting_octets == 0


def test_octet_by_octet():
    framer = Framer()
    found = [pdu for octet in ENQUIRE_LINK * 2 for pdu in framer.feed(bytes((octet,)))]
    assert found == [ENQUIRE_LINK, ENQUIRE_LINK]


@pytest.mark.parametrize("length", [16, 70_000])
def test_lengths_at_the_limits_are_kept(length):
    pdu = length.to_bytes(4, "big") + bytes(length - 4)
    assert Framer().feed(pdu) == [pdu]


@pytest.mark.parametrize("length", [0, 4, 15])
def test_a_length_below_the_header_is_noticed_with_its_fourth_octet(length):
    framer = Framer()
    assert framer.feed(ENQUIRE_LINK + length.to_bytes(4, "big")[:3]) == [ENQUIRE_LINK]
    assert framer.lost_length is None
    assert framer.feed(length.to_bytes(4, "big")[3:]) == []
    assert (framer.lost_length, framer.lost_sequence_number, framer.waiting_octets) == (length, 0, 0)


@pytest.mark.parametrize("length", [70_001, 0xF0000011])
def test_a_length_over_the_maximum_is_noticed_with_the_header(length):
    framer = Framer()
    header = length.to_bytes(4, "big") + bytes.fromhex("00000004000000000000002a")
    assert framer.feed(header[:15]) == []
    assert (framer.lost_length, framer.waiting_octets) == (None, 15)
    assert framer.feed(header[15:]) == []
    assert (framer.lost_length, framer.lost_sequence_number, framer.waiting_octets) == (length, 0x2A, 0)


def test_nothing_is_believed_after_the_loss():
    framer = Framer()
    framer.feed(bytes.fromhex("0000000f00000006000000000000002a"))
    assert framer.feed(ENQUIRE_LINK) == []
    assert framer.lost_sequence_number == 0x2A


def test_a_limit_leaves_the_other_pdus_for_the_next_call():
    framer = Framer()
    assert framer.feed(ENQUIRE_LINK * 5 + ENQUIRE_LINK[:7], 2) == [ENQUIRE_LINK] * 2
    assert framer.has_more
    assert framer.feed(b"", 3) == [ENQUIRE_LINK] * 3
    assert framer.feed(ENQUIRE_LINK[7:], 3) == [ENQUIRE_LINK]
    assert not framer.has_more
