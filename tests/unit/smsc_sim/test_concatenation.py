"""Concatenation: user data headers and sar_* TLVs; odd ones are no part and no error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.smpp.pdu import SubmitSm
from smsc_sim.concatenation import concat_part, udh_concat

UDHI = 0x40
SAR = ((0x020C, b"\x01\x02"), (0x020E, b"\x03"), (0x020F, b"\x02"))


@pytest.mark.parametrize(
    ("octets", "part"),
    [
        (b"\x05\x00\x03\x2a\x02\x01text", (42, 2, 1)),
        (b"\x06\x08\x04\x01\x02\x03\x02text", (258, 3, 2)),
        (b"\x09\x04\x02\x00\x01\x00\x03\x2a\x02\x01text", (42, 2, 1)),  # after ports of 8 bits
        (b"\x05\x08\x09\x2a\x02\x01text", None),  # the element runs past the header
        (b"\x0b\x05\x04\x0b\x84\x00\x00\x00\x03\x2a\x02\x01text", (42, 2, 1)),  # after ports
        (b"\x05\x00\x03\x2a\x02", None),
        (b"", None),
        (b"\x00text", None),
    ],
)
def test_headers(octets, part):
    pdu = SubmitSm(esm_class=UDHI, short_message=octets)
    assert concat_part(pdu, octets) == part


def test_without_the_indicator_octets_are_text():
    octets = b"\x05\x00\x03\x2a\x02\x01text"
    assert concat_part(SubmitSm(short_message=octets), octets) is None


def test_sar_tlvs_in_any_order():
    assert concat_part(SubmitSm(tlvs=SAR[::-1]), b"") == (258, 3, 2)
    assert concat_part(SubmitSm(tlvs=(*SAR[:2], (0x0204, b"\x00\x01"))), b"") is None


@given(st.binary(max_size=40))
def test_no_octets_are_an_error(octets):
    part = udh_concat(octets)
    assert part is None or len(part) == 3
