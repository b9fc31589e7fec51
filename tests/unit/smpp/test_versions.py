"""interface_version and 3.3 peers."""

import pytest

from operator_push.smpp.codec import PduEncodeError
from operator_push.smpp.pdu import DataSm, DeliverSm, SubmitSm, SubmitSmResp
from operator_push.smpp.versions import known_version, without_tlvs

PAYLOAD = 0x0424


@pytest.mark.parametrize(
    ("octet", "version"), [(0, 0x33), (0x33, 0x33), (0x34, 0x34), (0x4F, 0x34), (0x50, 0x50), (0xFF, 0x50)]
)
def test_known_version(octet, version):
    assert known_version(octet) == version


def test_tlvs_are_dropped_from_a_copy():
    pdu = SubmitSmResp(1, 0x45, ((0x001D, b"no\0"),), message_id="")
    assert without_tlvs(pdu) == SubmitSmResp(1, 0x45)
    assert pdu.tlvs


def test_the_text_moves_or_the_pdu_stays():
    assert without_tlvs(DeliverSm(tlvs=((PAYLOAD, bytes(254)),))).short_message == bytes(254)
    for pdu in (
        DeliverSm(tlvs=((PAYLOAD, bytes(255)),)),
        SubmitSm(short_message=b"x", tlvs=((PAYLOAD, b"y"),)),
        DataSm(tlvs=((PAYLOAD, b"y"),)),
    ):
        with pytest.raises(PduEncodeError, match=r"no place in SMPP 3\.3"):
            without_tlvs(pdu)
