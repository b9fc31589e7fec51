"""The slow reader: the same PDUs as the made decoders, and names for what cannot be written."""

import pytest

from operator_push.smpp.body_walk import unwritable_field, walk_pdu
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import PDU_TYPES, DistributionList, EnquireLink, SubmitMulti, SubmitSm, UnknownPdu


@pytest.mark.parametrize("command_id", sorted(PDU_TYPES))
def test_walk_reads_every_pdu(command_id):
    pdu = PDU_TYPES[command_id](sequence_number=1, tlvs=((0x1400, b"x"),))
    assert walk_pdu(encode_pdu(pdu)) == pdu


def test_a_response_without_its_body():
    assert walk_pdu(bytes.fromhex("00000010800000040000000000000001")).raw_body == b""


@pytest.mark.parametrize(
    ("pdu", "words"),
    [
        (SubmitSm(esm_class=-1), "esm_class: -1 is not in 0..255"),
        (SubmitSm(service_type="é€"), "service_type: "),
        (SubmitSm(short_message=bytes(300)), "short_message: 300 are over the 255"),
        (SubmitMulti(dest_address=(DistributionList(),) * 256), "dest_address: 256 are over the 255"),
        (EnquireLink(tlvs=((1 << 16, b""),)), "tlvs: tag 65536"),
        (EnquireLink(sequence_number=-1), ""),
        (UnknownPdu(command_id=1 << 40), ""),
    ],
)
def test_unwritable_field(pdu, words):
    found = unwritable_field(pdu)
    assert found.startswith(words) if words else found == ""
