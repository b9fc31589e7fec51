"""Selection: share, number, prefix, account, counts and time."""

import pytest

from smsc_sim.faults.selection import Selection
from smsc_sim.faults.tables import ReceiptLost

START = 1000.0


def selection(seed=7, name="f", speed=1.0, **conditions):
    return Selection(ReceiptLost(**conditions), name, seed, START, speed)


def hits(chosen, keys, marks=None, account="shop", number="919876543210", now=START):
    marks = {} if marks is None else marks
    return [key for key in keys if chosen.hit(marks, account, number, key, now) is not None]


def test_without_conditions_everything_is_hit():
    assert hits(selection(), ["a", "b"]) == ["a", "b"]


def test_a_share_is_drawn_per_message_and_is_the_same_again():
    keys = [str(i) for i in range(2000)]
    first = hits(selection(share=0.1), keys)
    assert 150 < len(first) < 250
    assert hits(selection(share=0.1), reversed(keys)) == first[::-1]
    assert hits(selection(share=0.1, seed=8), keys) != first
    assert hits(selection(share=0.1, name="g"), keys) != first


def test_a_share_of_numbers_hits_a_number_always_or_never():
    chosen = selection(share=0.5, by="number")
    per_number = [
        len(hits(chosen, [str(i) for i in range(10)], number=f"9198765432{n:02d}")) for n in range(50)
    ]
    assert set(per_number) == {0, 10}


@pytest.mark.parametrize(
    ("prefix", "number", "is_hit"),
    [
        ("9198", "919876543210", True),
        ("9198", "+919876543210", True),
        ("9199", "919876543210", False),
        (("9199", "9198"), "919876543210", True),
        ((), "919876543210", True),
    ],
)
def test_prefix(prefix, number, is_hit):
    assert bool(hits(selection(prefix=prefix), ["a"], number=number)) is is_hit


@pytest.mark.parametrize(
    ("pattern", "account", "is_hit"), [("shop", "shop", True), ("sh*", "shop", True), ("bank", "shop", False)]
)
def test_account(pattern, account, is_hit):
    assert bool(hits(selection(account=pattern), ["a"], account=account)) is is_hit


def test_counts_are_kept_per_bind():
    chosen = selection(after=2, every=3, count=2)
    keys = list(range(1, 15))
    one, other = {}, {}
    assert hits(chosen, map(str, keys), one) == ["5", "8"]
    assert hits(chosen, map(str, keys), other) == ["5", "8"]


def test_counts_count_what_the_other_conditions_let_through():
    chosen = selection(prefix="44", after=1)
    marks = {}
    assert hits(chosen, ["a"] * 5, marks, number="919876543210") == []
    assert hits(chosen, ["b", "c"], marks, number="447700900123") == ["c"]


def test_in_all_bounds_the_whole_run():
    chosen = selection(in_all=3)
    assert hits(chosen, "abcd", {}) == ["a", "b", "c"]
    assert hits(chosen, "abcd", {}) == []


@pytest.mark.parametrize(
    ("seconds", "speed", "is_hit"),
    [(0.9, 1, False), (1.0, 1, True), (1.9, 1, True), (2.0, 1, False), (0.015, 100, True), (1.5, 100, False)],
)
def test_between_two_moments_of_the_run_s_clock(seconds, speed, is_hit):
    chosen = selection(from_s=1, to_s=2, speed=speed)
    assert bool(hits(chosen, ["a"], now=START + seconds)) is is_hit


def test_the_number_for_the_parameters_is_in_range_and_keyed():
    chosen = selection()
    units = [chosen.hit({}, "shop", "1", str(i), START) for i in range(100)]
    assert all(0 <= unit < 1 for unit in units)
    assert len(set(units)) == 100
    assert chosen.hit({}, "shop", "1", "5", START) == units[5]
