"""What fits on a screen at once."""

import pytest

from operator_push.text.data_coding import Encoding, encode_text
from operator_push.text.ussd_text import ussd_problem


@pytest.mark.parametrize(
    ("text", "encoding", "fits"),
    [
        ("a" * 182, Encoding.GSM7, True),
        ("a" * 183, Encoding.GSM7, False),
        ("€" * 91, Encoding.GSM7, True),
        ("€" * 91 + "a", Encoding.GSM7, False),
        ("ж" * 80, Encoding.UCS2, True),
        ("ж" * 81, Encoding.UCS2, False),
        ("\x01", Encoding.BINARY, False),
    ],
)
def test_a_ussd_string_has_160_octets(text: str, encoding: Encoding, fits: bool) -> None:
    assert (ussd_problem(encode_text(text, encoding), encoding) == "") is fits
