"""Pseudonyms: the same for the same key and number, apart for everything else, and never the number."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.kernel.pseudonym import LOOKUP_OCTETS, contact_pseudonym, key_id, lookup_value

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
NUMBERS = st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True)


@given(NUMBERS)
def test_a_lookup_value_is_the_hmac_cut_to_128_bits(number: str) -> None:
    expected = hmac.new(KEY, b"msisdn:" + number.encode(), hashlib.sha256).digest()[:16]
    assert lookup_value(KEY, "msisdn", number) == expected
    assert len(expected) == LOOKUP_OCTETS


@given(NUMBERS, NUMBERS)
def test_key_kind_and_number_all_matter(number: str, other: str) -> None:
    value = lookup_value(KEY, "msisdn", number)
    assert value != lookup_value(OTHER_KEY, "msisdn", number)
    assert value != lookup_value(KEY, "imsi", number)
    assert (value == lookup_value(KEY, "msisdn", other)) == (number == other)
    assert number.encode() not in value


@given(NUMBERS, st.integers(1, 2**32 - 1), st.integers(1, 2**32 - 1))
def test_two_owners_never_share_the_pseudonym_of_a_contact(number: str, owner: int, another: int) -> None:
    mine = contact_pseudonym(KEY, owner, number)
    assert 0 <= mine < 2**63
    assert (mine == contact_pseudonym(KEY, another, number)) == (owner == another)


@pytest.mark.parametrize("octets", [0, 16, 31])
def test_a_short_key_is_refused(octets: int) -> None:
    with pytest.raises(ValueError, match=f"has {octets} octets, at least 32"):
        lookup_value(bytes(octets), "msisdn", "919876543210")


def test_a_key_has_a_name_that_does_not_tell_it() -> None:
    assert key_id(KEY) != key_id(OTHER_KEY)
    assert len(key_id(KEY)) == 8
    assert key_id(KEY) not in KEY.hex()
