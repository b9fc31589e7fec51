"""The data_coding octet and texts."""

import pytest

from operator_push.text.data_coding import (
    Encoding,
    choose_encoding,
    data_coding_of,
    decode_text,
    encode_text,
    encoding_of,
)

# data_coding (SMPP v3.4 section 5.2.19, then TS 23.038 section 4) and what its octets are
TABLE = """
00 GSM7     01 IA5      02 BINARY   03 LATIN1   04 BINARY   05 BINARY   06 BINARY   08 UCS2     0E BINARY
10 GSM7     11 GSM7     14 BINARY   18 UCS2     1C BINARY   20 BINARY   30 BINARY   38 BINARY
40 GSM7     48 UCS2     60 BINARY
80 BINARY   90 BINARY   B0 BINARY
C0 GSM7     C8 GSM7     D8 GSM7     E0 UCS2     E8 UCS2
F0 GSM7     F1 GSM7     F4 BINARY   F6 BINARY
"""
CELLS = TABLE.split()


@pytest.mark.parametrize(("octet", "name"), list(zip(CELLS[::2], CELLS[1::2], strict=True)))
def test_encoding_of(octet, name):
    assert encoding_of(int(octet, 16)) is Encoding[name]


def test_there_is_an_answer_for_every_octet():
    assert {encoding_of(octet) for octet in range(256)} == set(Encoding)


@pytest.mark.parametrize("encoding", list(Encoding))
def test_what_we_write_is_read_as_such(encoding):
    assert encoding_of(data_coding_of(encoding)) is encoding


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("", "GSM7"), ("Hello €", "GSM7"), ("naïve", "UCS2"), ("नमस्ते", "UCS2"), ("😀", "UCS2"), ("`", "UCS2")],
)
def test_choose_encoding(text, encoding):
    assert choose_encoding(text) is Encoding[encoding]


@pytest.mark.parametrize(
    ("text", "encoding", "octets"),
    [
        ("a€", "GSM7", "611b65"),
        ("a€😀", "UCS2", "006120acd83dde00"),
        ("é", "LATIN1", "e9"),
        ("a", "IA5", "61"),
        ("ÿ", "BINARY", "ff"),
    ],
)
def test_both_ways(text, encoding, octets):
    assert encode_text(text, Encoding[encoding]).hex() == octets
    assert decode_text(bytes.fromhex(octets), Encoding[encoding]) == text


@pytest.mark.parametrize(
    ("text", "encoding"), [("é", "IA5"), ("€", "LATIN1"), ("ç", "GSM7"), ("\ud83d", "UCS2")]
)
def test_what_an_alphabet_lacks(text, encoding):
    with pytest.raises(UnicodeEncodeError):
        encode_text(text, Encoding[encoding])


@pytest.mark.parametrize(
    ("octets", "encoding"), [("00", "UCS2"), ("d83d", "UCS2"), ("80", "IA5"), ("ff", "GSM7")]
)
def test_reading_never_fails(octets, encoding):
    assert "\ufffd" in decode_text(bytes.fromhex(octets), Encoding[encoding])
