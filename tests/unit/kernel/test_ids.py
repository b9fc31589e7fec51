"""Ids ascend whatever the clock does, fit 63 bits, and tell their day and shard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.kernel.ids import IdSequence, id_day, id_epoch_us, id_shard
from operator_push.kernel.instants import day_of, parse_iso

NOW = parse_iso("2026-11-21T10:00:00Z")
STEPS_US = st.lists(st.integers(-(10**10), 10**10), max_size=50)


@given(STEPS_US, st.integers(0, 255))
def test_ids_ascend_when_the_clock_steps_either_way(steps_us: list[int], shard: int) -> None:
    sequence = IdSequence(shard)
    now_us = NOW
    ids = []
    for step in steps_us:
        now_us += step
        ids.append(sequence.next_id(now_us))
    assert ids == sorted(set(ids))
    assert all(0 < identifier < 2**63 for identifier in ids)
    assert {id_shard(identifier) for identifier in ids} <= {shard}


def test_a_clock_that_stands_still_does_not_repeat_an_id() -> None:
    sequence = IdSequence()
    ids = [sequence.next_id(NOW) for _ in range(40_000)]
    assert ids == sorted(set(ids))
    borrowed_ms = (id_epoch_us(ids[-1]) - NOW) // 1000
    assert borrowed_ms == 40_000 // 16_384


@given(st.integers(NOW, NOW + 10**15), st.integers(0, 255))
def test_an_id_tells_its_moment_day_and_shard(now_us: int, shard: int) -> None:
    identifier = IdSequence(shard).next_id(now_us)
    assert id_epoch_us(identifier) == now_us // 1000 * 1000
    assert id_day(identifier) == day_of(now_us)
    assert id_shard(identifier) == shard


@given(st.integers(1, 300), st.integers(-(10**10), 0))
def test_after_a_restart_ids_go_on_above_the_highest(count: int, step_back_us: int) -> None:
    before = IdSequence(3)
    highest = [before.next_id(NOW) for _ in range(count)][-1]
    after = IdSequence(3, above=highest)
    assert after.next_id(NOW + step_back_us) > highest


@pytest.mark.parametrize("shard", [-1, 256])
def test_a_shard_that_does_not_fit_is_refused(shard: int) -> None:
    with pytest.raises(ValueError, match=r"0\.\.255"):
        IdSequence(shard)
