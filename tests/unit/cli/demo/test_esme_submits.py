"""Orders become the submit_sm that their kind promises."""

import pytest

from operator_push.cli.demo import esme_orders
from operator_push.cli.demo.esme_submits import submits_of_order
from operator_push.smpp.constants import EsmClass
from operator_push.smpp.tlv import TlvTag

CUSTOMERS = ["919800000001", "919800000002"]


def orders_of(kind: str) -> list[esme_orders.Order]:
    made = esme_orders.bank_orders(400, CUSTOMERS, ["919700000001"], "NAGARB", 5)
    return [order for order in made if order.kind == kind]


@pytest.mark.parametrize(
    ("kind", "parts"), [("gsm7", 1), ("ucs2", 1), ("udh_2_parts", 2), ("udh_3_parts", 3)]
)
def test_parts_and_alphabets(kind: str, parts: int) -> None:
    for order in orders_of(kind):
        submits = submits_of_order(order)
        assert [submit.part for submit in submits] == list(range(1, parts + 1))
        for submit in submits:
            assert submit.pdu.data_coding == (8 if kind == "ucs2" else 0)
            assert bool(submit.pdu.esm_class & EsmClass.UDHI) == (parts > 1)
            assert submit.pdu.registered_delivery == 1
            if parts > 1:
                assert submit.pdu.short_message[:3] == b"\x05\x00\x03"
                assert submit.pdu.short_message[4:6] == bytes([parts, submit.part])


def test_a_long_text_in_one_piece_travels_in_message_payload() -> None:
    order = orders_of("message_payload")[0]
    (submit,) = submits_of_order(order)
    payload = submit.pdu.tlv(TlvTag.message_payload)
    assert payload is not None
    assert len(payload) > 160
    assert submit.pdu.short_message == b""


def test_a_bad_address_says_no_type_of_number() -> None:
    for order in orders_of("bad_address"):
        assert submits_of_order(order)[0].pdu.dest_addr_ton == 0


def test_a_text_that_does_not_fit_its_kind_is_an_error() -> None:
    order = esme_orders.Order(1, "udh_2_parts", "NAGARB", "919800000001", "short")
    with pytest.raises(ValueError, match="has 1 parts"):
        submits_of_order(order)
