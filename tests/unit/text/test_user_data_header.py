"""Information elements before the text."""

import pytest

from operator_push.text.user_data_header import (
    Concatenation,
    concatenation,
    concatenation_header,
    parse_information_elements,
    split_user_data,
)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("0003 07 02 01", Concatenation(7, 2, 1)),
        ("0804 0107 03 02", Concatenation(0x107, 3, 2, 8)),
        ("0003 07 02 01 0804 0107 03 02", Concatenation(0x107, 3, 2, 8)),
        ("0804 0107 03 02 0003 07 02 01", Concatenation(7, 2, 1)),
        ("0504 23f4 0000 0003 07 02 02", Concatenation(7, 2, 2)),
        ("0504 23f4 0000", None),
        ("0003 07 02 00", None),
        ("0003 07 02 03", None),
        ("0003 07 00 00", None),
        ("0002 07 02", None),
        ("", None),
    ],
)
def test_concatenation(header, found):
    assert concatenation(parse_information_elements(bytes.fromhex(header))) == found


def test_what_we_write_is_read():
    elements, text = split_user_data(concatenation_header(0x1FF, 3, 2) + b"text")
    assert concatenation(elements) == Concatenation(0xFF, 3, 2)
    assert text == b"text"


@pytest.mark.parametrize("user_data", ["", "05", "0500030702", "02000300", "010003"])
def test_headers_that_break(user_data):
    with pytest.raises(ValueError, match=r"header|information element"):
        split_user_data(bytes.fromhex(user_data))


def test_an_empty_header():
    assert split_user_data(b"\0text") == ((), b"text")
