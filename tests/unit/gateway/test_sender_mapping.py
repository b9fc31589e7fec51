"""The kind of address that a sender is, said right."""

import pytest

from operator_push.gateway.sender_mapping import normalise_source
from operator_push.smpp.pdu import SubmitSm


@pytest.mark.parametrize(
    ("address", "ton", "leaves_as", "leaves_ton"),
    [
        ("SHOP", 0, "SHOP", 5),
        ("SHOP", 1, "SHOP", 5),
        ("Shop 24", 0, "Shop 24", 5),
        ("+919812345678", 0, "919812345678", 1),
        ("56070", 3, "56070", 3),
        ("", 0, "", 0),
    ],
)
def test_letters_are_alphanumeric_and_a_plus_is_international(
    address: str, ton: int, leaves_as: str, leaves_ton: int
):
    pdu = SubmitSm(source_addr=address, source_addr_ton=ton)
    normalise_source(pdu)
    assert (pdu.source_addr, pdu.source_addr_ton) == (leaves_as, leaves_ton)
