"""Short names: eight characters, one account's own, the same after a restart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.kernel.ids import IdSequence, id_day
from operator_push.services.changes import Changes
from operator_push.services.message_names import (
    NAME_CHARACTERS,
    MessageNames,
    _alias,
    _count_of,
    alias_of,
    days_of_alias,
    short_name,
)

NOON_US = 1_800_000_000_000_000
DAY_US = 86_400_000_000


def test_names_have_eight_hexadecimal_characters_and_are_found_by_their_account_alone() -> None:
    names, changes, ids = MessageNames(0), Changes(), IdSequence()
    first, second, other = (ids.next_id(NOON_US) for _ in range(3))
    told = [names.give(1, first, changes), names.give(1, second, changes), names.give(2, other, changes)]
    assert {len(name) for name in told} == {NAME_CHARACTERS}
    assert told[0] != told[1]
    assert told[2] == told[0]  # another account's own
    assert (names.find(1, told[0]), names.find(2, told[0])) == (first, other)
    assert names.find(1, told[1].upper()) == second
    assert names.name_of(second) == told[1].encode()
    day = id_day(first)
    assert changes.message_alias[0] == (0, day, 1, alias_of(told[0]), first)


def test_a_message_has_one_name_however_often_it_is_told() -> None:
    names, changes = MessageNames(0), Changes()
    identifier = IdSequence().next_id(NOON_US)
    assert names.give(1, identifier, changes) == names.give(1, identifier, changes)
    assert len(changes.message_alias) == 1


def test_who_has_no_short_name_is_told_in_decimal() -> None:
    assert MessageNames(0).name_of(1234567890123456789) == b"1234567890123456789"


def test_a_restart_knows_the_names_and_goes_on_counting() -> None:
    names, changes, ids = MessageNames(0), Changes(), IdSequence()
    first, second = ids.next_id(NOON_US), ids.next_id(NOON_US + 1000)
    name = names.give(1, first, changes)
    again = MessageNames(0, [(row[2], row[3], row[4]) for row in changes.message_alias])
    assert again.find(1, name) == first
    assert again.give(1, first, changes) == name
    assert again.give(1, second, changes) != name


def test_memory_is_bounded_and_the_oldest_name_goes_first() -> None:
    names, changes, ids = MessageNames(0, names_max=2), Changes(), IdSequence()
    told = [names.give(1, ids.next_id(NOON_US), changes) for _ in range(3)]
    assert len(names) == 2
    assert names.find(1, told[0]) is None
    assert names.find(1, told[2]) is not None


@pytest.mark.parametrize(
    "text", ["", "1234567", "123456789", "0x123456", "1234567g", "-1234567", "１２３４５６７８"]
)
def test_what_is_no_short_name_is_none(text: str) -> None:
    assert alias_of(text) is None
    assert MessageNames(0).find(1, text) is None


@given(st.integers(19_000, 60_000), st.integers(0, 3 * (1 << 23) - 1), st.integers(0, 169))
def test_a_name_tells_the_days_on_which_it_can_have_been_given(day: int, count: int, later: int) -> None:
    alias = _alias(day, count)
    assert 0 <= alias < 1 << 32
    assert len(short_name(alias)) == NAME_CHARACTERS
    assert _count_of(alias, day) == count
    assert day in days_of_alias(alias, day + later)


@given(st.integers(19_000, 60_000), st.integers(0, (1 << 23) - 1), st.integers(1, 511))
def test_names_of_different_days_differ_for_512_days(day: int, count: int, later: int) -> None:
    assert _alias(day, count) != _alias(day + later, count)
