"""Versions of the look-up key: new values by the newest, old ones as long as somebody erased needs them."""

import pytest

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.lookup_keys import LookupKeys
from operator_push.kernel.pseudonym import lookup_value
from operator_push.vault.vault import Vault

FIRST, SECOND = b"1" * 32, b"2" * 32
ANNA, BEN, NOON_US = "919812345678", "919812345679", 1_800_000_000_000_000


def test_new_values_are_made_by_the_newest_key() -> None:
    vault = Vault(LookupKeys({0: FIRST}))
    vault.enrol([ANNA], NOON_US)
    vault.keys = vault.keys.with_key(SECOND)
    [row] = vault.enrol([ANNA, BEN], NOON_US).rows
    assert (row[2], row[-1]) == (lookup_value(SECOND, "msisdn", BEN), 1)
    assert vault.number_of(ANNA) == 1


def test_who_was_erased_under_an_old_key_stays_silent() -> None:
    vault = Vault(LookupKeys({0: FIRST}))
    told: list[int] = []
    vault.on_suppressed = lambda number, at_us: told.append(number)
    vault.enrol([ANNA, BEN], NOON_US)
    assert vault.forget(ANNA) == (1, lookup_value(FIRST, "msisdn", ANNA), 0)
    vault.keys = vault.keys.with_key(SECOND)
    assert vault.forget(BEN).key_version == 1
    vault.enrol([ANNA, BEN, "919812345670"], NOON_US)
    assert told == [3, 4]


def test_a_key_that_suppressions_need_must_be_there() -> None:
    vault = Vault(LookupKeys({0: FIRST, 2: SECOND}))
    with pytest.raises(OperatorError, match=r"vault-lookup-1\.key"):
        vault.know_suppressed({0: {b"a"}, 1: {b"b"}})


def test_a_key_is_named_without_being_told() -> None:
    keys = LookupKeys({0: FIRST}).with_key(SECOND)
    assert (keys.current, keys.without(1).current, keys.key_id(7)) == (1, 0, "")
    assert len(keys.key_id(1)) == 8
