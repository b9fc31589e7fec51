"""The alphabet of an offer, by its wire form or by the octets that leave as they came."""

import msgspec
import pytest
from shard import Shard

from operator_push.gateway.message_cutting import AS_STORED, Wire
from operator_push.gateway.offer_encoding import data_coding_in, encoding_of_offer
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import SubmitSm
from operator_push.text.data_coding import Encoding


def submit(data_coding: int) -> SubmitSm:
    return SubmitSm(
        service_type="CMT",
        source_addr_ton=5,
        source_addr="SHOP",
        destination_addr="919812345678",
        validity_period="000001000000000R",
        data_coding=data_coding,
        short_message=b"ab",
    )


@pytest.mark.parametrize("data_coding", [0, 3, 8, 0xF5])
def test_the_octets_tell_it_without_being_decoded(data_coding: int) -> None:
    assert data_coding_in(encode_pdu(submit(data_coding))) == data_coding


def test_an_offer_tells_what_leaves() -> None:
    offer = Shard().offer()
    stored = msgspec.structs.replace(offer, body=encode_pdu(submit(8)), wire=AS_STORED)
    assert encoding_of_offer(stored) is Encoding.UCS2
    cut = msgspec.structs.replace(stored, wire=Wire(submit(8), [b"ab"], 0x40, 0))
    assert encoding_of_offer(cut) is Encoding.GSM7  # cut with national tables


def test_octets_that_end_early_are_a_fault() -> None:
    with pytest.raises(ValueError, match=r"subsection|ends before"):
        data_coding_in(encode_pdu(submit(0))[:20])
