"""What an SMSC's octets mean, by data_coding, header and the link's default alphabet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.text.gsm7 import decode_gsm7
from operator_push.text.link_text import DefaultAlphabet, read_user_data

GSM7, PACKED = DefaultAlphabet.GSM7, DefaultAlphabet.GSM7_PACKED
LATIN1, ASCII = DefaultAlphabet.LATIN1, DefaultAlphabet.ASCII


@pytest.mark.parametrize(
    ("octets", "data_coding", "alphabet", "text"),
    [
        ("001b65", 0, GSM7, "@€"),
        ("40df", 0, LATIN1, "@ß"),
        ("4080", 0, ASCII, "@\ufffd"),
        ("e8329bfd4697d9ec37", 0, PACKED, "hellohello"),
        ("31d98c56b3dd1a", 0, PACKED, "1234567"),
        ("31d98c56b3dd00", 0, PACKED, "1234567"),
        ("31d98c56b3dd70", 0, PACKED, "12345678"),
        ("", 0, PACKED, ""),
        ("00", 0xF1, GSM7, "@"),
        ("00", 0xF1, LATIN1, "@"),  # a message class says GSM 7-bit in so many words
        ("e8329bfd06", 0x10, PACKED, "hello"),
        ("d83dde00", 8, PACKED, "😀"),
        ("e9", 3, ASCII, "é"),
        ("5b60", 1, GSM7, "[`"),
        ("ff00", 4, GSM7, "ÿ\0"),
        ("0401", 0x18, GSM7, "Ё"),
    ],
)
def test_data_coding_and_the_link_say_what_octets_mean(octets, data_coding, alphabet, text):
    assert read_user_data(bytes.fromhex(octets), data_coding, False, alphabet) == text


@pytest.mark.parametrize(
    ("octets", "data_coding", "alphabet", "text"),
    [
        ("03250106" + "2f424c", 0, GSM7, "नमस"),
        ("03240101" + "1b67", 0, GSM7, "ğ"),
        ("03240101" + "1b67", 0, LATIN1, "ğ"),  # the header means septets
        ("06250106240106" + "1b1d", 0xF1, GSM7, "१"),
        ("0324010e" + "1b65", 0, GSM7, "€"),  # an identifier that nobody has assigned
        ("050003010201" + "40", 0, LATIN1, "@"),
        ("050003010201" + "d06536fb0d", 0, PACKED, "hello"),
        ("0500" + "41", 0, GSM7, ""),  # a header that is longer than the message
        ("00" + "41", 0, GSM7, "A"),
        ("02ff09" + "41", 0, GSM7, "A"),  # an element that does not fit its header
        ("", 0, GSM7, ""),
    ],
)
def test_a_header_is_left_out_and_its_tables_are_heeded(octets, data_coding, alphabet, text):
    assert read_user_data(bytes.fromhex(octets), data_coding, True, alphabet) == text


@given(
    octets=st.binary(max_size=200),
    data_coding=st.integers(0, 255),
    has_header=st.booleans(),
    alphabet=st.sampled_from(DefaultAlphabet),
)
def test_reading_never_fails(octets, data_coding, has_header, alphabet):
    assert isinstance(read_user_data(octets, data_coding, has_header, alphabet), str)


@given(
    septets=st.lists(st.sampled_from([code for code in range(128) if code not in (0, 0x0D, 0x1B)])).map(
        bytes
    ),
    alphabet=st.sampled_from(DefaultAlphabet),
    header=st.sampled_from([b"", bytes((5, 0, 3, 1, 2, 1)), bytes((6, 8, 4, 1, 0, 2, 1))]),
)
def test_what_is_written_reads_back(septets, alphabet, header):
    written = alphabet.write(septets, len(header))
    if written is None:
        assert alphabet in (LATIN1, ASCII)
        return
    assert read_user_data(header + written, 0, bool(header), alphabet) == decode_gsm7(septets)


def test_what_an_alphabet_lacks_is_not_written():
    assert LATIN1.write(b"\x1be") is None  # the euro sign
    assert ASCII.write(b"\x1e") is None  # sharp s
