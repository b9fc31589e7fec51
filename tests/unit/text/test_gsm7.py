"""GSM 7-bit against TS 23.038 and an independent implementation."""

import pytest
import smsutil

from operator_push.text.gsm7 import (
    decode_gsm7,
    encode_gsm7,
    header_fill_bits,
    is_gsm7,
    pack_septets,
    packed_octets,
    unpack_septets,
)

EXTENSION = "\f^{}\\[~]|€"


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("", ""),
        ("@£$¥èéùìòÇ\nØø\rÅå", "000102030405060708090a0b0c0d0e0f"),
        ("Δ_ΦΓΛΩΠΨΣΘΞ", "101112131415161718191a"),
        ("ÆæßÉ ", "1c1d1e1f20"),
        ("¡AZÄÖÑÜ§¿azäöñüà", "40415a5b5c5d5e5f60617a7b7c7d7e7f"),
        ("¤", "24"),
        ("\f^{}\\[~]|€", "1b0a1b141b281b291b2f1b3c1b3d1b3e1b401b65"),
    ],
)
def test_tables(text, octets):
    assert encode_gsm7(text).hex() == octets
    assert decode_gsm7(bytes.fromhex(octets)) == text
    assert is_gsm7(text)


def test_every_code_is_as_the_independent_implementation_has_it():
    codes = [code for code in range(128) if code != 0x1B]
    for code in codes:
        character = decode_gsm7(bytes((code,)))
        assert smsutil.encode(character) == bytes((code,))
    for character in EXTENSION:
        assert encode_gsm7(character) == smsutil.encode(character)


@pytest.mark.parametrize("text", ["ç", "你", "`", "\u200b", "\t", "\ufffe", "\x1b"])
def test_characters_that_the_alphabet_lacks(text):
    assert not is_gsm7(text)
    with pytest.raises(UnicodeEncodeError) as caught:
        encode_gsm7("ok" + text)
    assert caught.value.start == 2


@pytest.mark.parametrize(
    ("octets", "shown"),
    [
        ("80", "\ufffd"),
        ("1b", " "),
        ("411b", "A "),
        ("1b80", "\ufffd"),
        ("1b41", "A"),
        ("1b1b", "  "),
        ("a7", "\ufffd"),
    ],
)
def test_what_is_no_gsm7(octets, shown):
    with pytest.raises(UnicodeDecodeError):
        decode_gsm7(bytes.fromhex(octets))
    assert decode_gsm7(bytes.fromhex(octets), "replace") == shown


def test_packing_of_the_well_known_example():
    # "hellohello" packed is E8329BFD4697D9EC37 (TS 23.038 section 6.1.2.1 packing rule, computed by hand).
    packed = bytes.fromhex("e8329bfd4697d9ec37")
    assert pack_septets(encode_gsm7("hellohello")) == packed
    assert decode_gsm7(unpack_septets(packed, 10)) == "hellohello"


def test_packing_behind_a_header_starts_on_a_septet_boundary():
    assert [header_fill_bits(octets) for octets in range(8)] == [0, 6, 5, 4, 3, 2, 1, 0]
    septets = encode_gsm7("Hi")
    fill = header_fill_bits(6)
    packed = pack_septets(septets, fill)
    assert packed == bytes.fromhex("9069")
    assert unpack_septets(packed, 2, fill) == septets


def test_lengths():
    assert packed_octets(160) == 140
    assert packed_octets(153, header_fill_bits(6)) == 134
    assert packed_octets(0) == 0
    with pytest.raises(ValueError, match="less than 9 septets"):
        unpack_septets(bytes(7), 9)
