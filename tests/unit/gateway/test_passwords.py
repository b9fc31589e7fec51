"""Passwords are stored as salted scrypt hashes and nothing else matches."""

import pytest

from operator_push.gateway.passwords import hash_password, verify_password


def test_the_password_matches_its_hash_and_no_other():
    hashed = hash_password("s3cret")
    assert hashed.startswith("scrypt$")
    assert "s3cret" not in hashed
    assert verify_password("s3cret", hashed)
    assert not verify_password("s3creT", hashed)


def test_two_hashes_of_one_password_differ():
    assert hash_password("x") != hash_password("x")


@pytest.mark.parametrize("stored", ["", "plain", "md5$1$2$3$4$5"])
def test_what_is_no_hash_never_matches(stored: str):
    assert not verify_password("", stored)
    assert not verify_password("plain", stored)
