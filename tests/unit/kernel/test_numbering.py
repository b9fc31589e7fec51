"""Numbers: what is one, how it is tidied, and how little of it may be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.kernel.numbering import (
    Plmn,
    is_msisdn,
    mask_number,
    msisdn_or_address,
    normalise_msisdn,
)

MSISDNS = st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True)


@pytest.mark.parametrize(
    ("written", "msisdn"),
    [
        ("919876543210", "919876543210"),
        ("+91 98765-43210", "919876543210"),
        ("0091 (98765) 43210", "919876543210"),
        (" 1.212.555.0100 ", "12125550100"),
        ("09876543210", None),  # national: only who knows the country can complete it
        ("+", None),
        ("", None),
        ("123456", None),
        ("1234567890123456", None),
        ("+91x9876543210", None),
        ("९१९८७६५४३२१०", None),  # digits of another script are not E.164
        ("++919876543210", None),
    ],
)
def test_numbers_as_people_write_them(written: str, msisdn: str | None) -> None:
    assert normalise_msisdn(written) == msisdn


@given(st.text(alphabet="0123+ -().a²९", max_size=20) | MSISDNS)
def test_an_address_is_what_is_tidied_or_what_it_was(text: str) -> None:
    assert msisdn_or_address(text) == (normalise_msisdn(text) or text)


@given(MSISDNS)
def test_a_good_number_stays_as_it_is(msisdn: str) -> None:
    assert is_msisdn(msisdn)
    assert normalise_msisdn(msisdn) == msisdn
    assert normalise_msisdn("+" + msisdn) == msisdn
    assert normalise_msisdn("00" + msisdn) == msisdn


@given(st.text(max_size=20))
def test_whatever_comes_out_is_a_number(text: str) -> None:
    msisdn = normalise_msisdn(text)
    assert msisdn is None or is_msisdn(msisdn)


@given(MSISDNS)
def test_a_masked_number_shows_at_most_five_digits(msisdn: str) -> None:
    masked = mask_number(msisdn)
    assert msisdn not in masked
    assert masked == f"{msisdn[:3]}…{msisdn[-2:]}"


@pytest.mark.parametrize("short", ["", "1", "123456"])
def test_a_short_number_is_not_shown_at_all(short: str) -> None:
    assert mask_number(short) == "…"


def test_network_codes_are_text() -> None:
    assert Plmn("404", "01") != Plmn("404", "001")
