"""One id, two spellings."""

import pytest

from operator_push.smpp.message_id import (
    MessageIdForm,
    canonical_message_id,
    could_be_same_message,
    message_id_readings,
)

TEXT, DECIMAL, HEX = MessageIdForm.TEXT, MessageIdForm.DECIMAL, MessageIdForm.HEXADECIMAL


@pytest.mark.parametrize(
    ("message_id", "form", "canonical"),
    [
        ("0000436949", TEXT, "0000436949"),
        ("0000436949", DECIMAL, "436949"),
        ("6aad5", HEX, "436949"),
        ("0006AAD5", HEX, "436949"),
        ("74e02ee1-4e2f", HEX, "74e02ee1-4e2f"),
        ("abc", DECIMAL, "abc"),
        ("", DECIMAL, ""),
        ("", HEX, ""),
        ("1_000", DECIMAL, "1_000"),
        ("-5", DECIMAL, "-5"),
        ("0x10", HEX, "0x10"),
        ("٣", DECIMAL, "٣"),
        ("٣", HEX, "٣"),
    ],
)
def test_canonical(message_id, form, canonical):
    assert canonical_message_id(message_id, form) == canonical


def test_an_id_of_thousands_of_digits_is_a_text():
    huge = "9" * 5000
    assert canonical_message_id(huge, MessageIdForm.DECIMAL) == huge
    assert canonical_message_id(huge, MessageIdForm.HEXADECIMAL) == huge


def test_readings_begin_with_the_id_itself():
    assert message_id_readings("0010") == ("0010", "10", "16")
    assert message_id_readings("uuid-ish") == ("uuid-ish",)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0000436949", "6aad5", True),
        ("6AAD5", "436949", True),
        ("0042", "42", True),
        ("42", "43", False),
        ("ab-1", "AB-1", False),
    ],
)
def test_could_be_same(one, other, same):
    assert could_be_same_message(one, other) is same
