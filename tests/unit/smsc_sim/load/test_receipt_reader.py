"""What a deliver_sm is, from its octets."""

import pytest

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.message_id import MessageIdForm
from operator_push.smpp.pdu import DataSm, DeliverSm
from smsc_sim.load.receipt_reader import (
    INTERMEDIATE,
    MOBILE_ORIGINATED,
    UNREADABLE,
    canonical_id,
    read_delivery,
    receipt_id_form,
)

TLVS = ((0x001E, b"4711\0"), (0x0427, b"\x02"))
USUAL = b"id:4711 sub:001 dlvrd:001 submit date:2611212210 done date:2611212210 stat:%s err:000 text:"


def deliver(text, **fields):
    return encode_pdu(
        DeliverSm(7, source_addr="919800000000", **({"esm_class": 4, "short_message": text} | fields))
    )


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (deliver(USUAL % b"DELIVRD"), (b"4711", "DELIVRD")),
        (deliver(USUAL % b"UNDELIV", tlvs=TLVS), (b"4711", "UNDELIV")),
        (deliver(b"ID:4711 STAT:Delivered ERR:0"), (b"4711", "DELIVRD")),
        (deliver(b"stat:FAILED id:4711"), (b"4711", "UNDELIV")),
        (deliver(b"id:4711 stat:WHATEVER"), (b"4711", "WHATEVER")),
        (deliver(b"", tlvs=TLVS), (b"4711", "DELIVRD")),
        (deliver(b"", tlvs=((0x0424, USUAL % b"EXPIRED"),)), (b"4711", "EXPIRED")),
        (encode_pdu(DataSm(7, esm_class=4, tlvs=TLVS)), (b"4711", "DELIVRD")),
        (deliver(USUAL % b"ENROUTE"), INTERMEDIATE),
        (deliver(b"anything", esm_class=0x20), INTERMEDIATE),
        (deliver(b"STOP", esm_class=0), MOBILE_ORIGINATED),
        (deliver(b"STOP", esm_class=0x40), MOBILE_ORIGINATED),
        (deliver(b"read", esm_class=0x08), MOBILE_ORIGINATED),
        (deliver(b"no id here"), UNREADABLE),
        (deliver(b"", tlvs=((0x001E, b"4711\0"),)), UNREADABLE),
        (deliver(b"x")[:20], UNREADABLE),
        (deliver(b"no id here")[:-4], UNREADABLE),
    ],
)
def test_a_delivery_is_read(octets, told):
    assert read_delivery(octets) == told


def test_ids_in_another_base_meet():
    form = receipt_id_form("hexadecimal")
    assert form is MessageIdForm.HEXADECIMAL
    assert canonical_id(b"1a2B", form) == b"6699"
    assert canonical_id(b"0006699", MessageIdForm.DECIMAL) == b"6699"
    assert receipt_id_form("same") is None
