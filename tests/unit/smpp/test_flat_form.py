"""PDUs as flat JSON objects, and back."""

import re

import pytest

from operator_push.smpp.flat_form import from_flat, to_flat
from operator_push.smpp.pdu import PDU_TYPES, EnquireLink, SubmitMulti, SubmitSm, SubmitSmResp, UnknownPdu


@pytest.mark.parametrize("command_id", sorted(PDU_TYPES))
def test_every_pdu_comes_back(command_id):
    pdu = PDU_TYPES[command_id](sequence_number=3, tlvs=((0x1400, b"x"), (0x0424, b"")))
    assert from_flat(to_flat(pdu)) == pdu


def test_a_body_left_out_leaves_its_fields_out():
    pdu = SubmitSmResp(1, 0x58, raw_body=b"")
    flat = to_flat(pdu)
    assert "message_id" not in flat
    assert from_flat(flat) == pdu


def test_an_unreadable_body_is_hex():
    pdu = SubmitSmResp(1, 11, raw_body=b"A")
    assert to_flat(pdu)["body_hex"] == "41"
    assert from_flat(to_flat(pdu)) == pdu


def test_a_name_is_enough():
    assert from_flat({"command": "enquire_link"}) == EnquireLink()
    assert from_flat({"command": "submit_sm", "short_message_hex": "4869", "sm_length": 99}) == SubmitSm(
        short_message=b"Hi"
    )
    assert from_flat({"command_id": 0x110, "command": None, "body_hex": "ff"}) == UnknownPdu(
        command_id=0x110, body=b"\xff"
    )


@pytest.mark.parametrize(
    ("flat", "words"),
    [
        ({}, "command: None is no SMPP command"),
        ({"command": "submit_smm"}, "'submit_smm' is no SMPP command"),
        ({"command": "submit_sm", "message": "x"}, "message: no field of submit_sm"),
        ({"command": "submit_sm", "source_addr": 5}, "source_addr: 5 is not a text"),
        ({"command": "submit_sm", "esm_class": "5"}, "esm_class: '5' is not an integer"),
        ({"command": "submit_sm", "esm_class": True}, "esm_class: True is not an integer"),
        ({"command": "submit_sm", "short_message_hex": "4"}, "short_message_hex: "),
        ({"command": "submit_sm", "tlvs": {"tag": 1}}, "tlvs: not a list of objects"),
        ({"command": "submit_multi", "dests": [1]}, "dests: not a list of objects"),
        (
            {"command": "submit_sm_resp", "message_id": "1", "body_hex": "00"},
            "body_hex: stands for the whole body",
        ),
        ({"command_id": 0x110, "message_id": "1"}, "message_id: no field of the unknown command 0x00000110"),
        ({"command": "submit_sm", "body_hex": "00"}, "body_hex: no field of submit_sm"),
    ],
)
def test_what_is_no_pdu_is_named(flat, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        from_flat(flat)


def test_lists_have_their_counts():
    flat = to_flat(SubmitMulti())
    assert (flat["number_of_dests"], flat["dests"]) == (0, [])
