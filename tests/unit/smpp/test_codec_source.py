"""The made functions: they exist for every command, and give up rather than guess."""

import struct

import pytest

from operator_push.smpp.body_walk import walk_pdu
from operator_push.smpp.codec_source import decoder_source, encoder_source, make_decoder, make_encoder
from operator_push.smpp.field_specs import FIELD_SPECS
from operator_push.smpp.pdu import PDU_TYPES


@pytest.mark.parametrize("command_id", sorted(FIELD_SPECS))
def test_both_directions_exist_for_every_command(command_id):
    pdu = PDU_TYPES[command_id](sequence_number=9)
    octets = make_encoder(command_id)(pdu)
    assert make_decoder(command_id)(octets, 0, 9) == pdu


def test_the_source_names_every_field_once_in_wire_order():
    names = [spec.name for spec in FIELD_SPECS[0x00000004]]
    source = decoder_source(0x00000004)
    at = [source.index(f" {name} = ") for name in names]
    assert at == sorted(at)
    assert all(name in encoder_source(0x00000004) for name in names)


@pytest.mark.parametrize("end", range(16, 33))
def test_a_made_decoder_gives_up_on_a_cut_body(end):
    decode = make_decoder(0x00000004)
    with pytest.raises((ValueError, IndexError, struct.error)):
        decode(bytes(end), 0, 0)


def test_a_response_with_an_empty_string_is_read_as_by_the_walk():
    for command_id in (0x80000001, 0x80000004, 0x80000005):
        for status, body in ((0, b"\0"), (8, b"\0"), (0, b"\0\0\x1e\0\1x"), (0, b"1\0")):
            octets = (16 + len(body)).to_bytes(4, "big") + command_id.to_bytes(4, "big")
            octets += status.to_bytes(4, "big") + (9).to_bytes(4, "big") + body
            assert make_decoder(command_id)(octets, status, 9) == walk_pdu(octets)
