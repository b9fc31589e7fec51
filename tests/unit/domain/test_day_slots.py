"""A day's slots of caps: as lists by number would keep them, in a few octets each."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.day_slots import COUNT_MAX, DaySlots

BEGIN = 20_000 << 64
LAST = BEGIN + (1 << 64) - 1
NUMBERS = (0, 1, 255, 256, 70_000)  # of one page, of two that touch, and of one far away
MARK = [tracemalloc.Filter(True, "*day_slots.py")]  # other threads of the tests allocate, too


@given(
    acts=st.lists(
        st.tuples(
            st.booleans(), st.sampled_from(NUMBERS), st.sampled_from([BEGIN, BEGIN + 1, BEGIN + 2, LAST])
        ),
        max_size=60,
    ),
    for_everybody=st.booleans(),
)
def test_taken_and_given_back_in_any_order_as_in_lists(
    acts: list[tuple[bool, int, int]], for_everybody: bool
) -> None:
    day, model = DaySlots(BEGIN, for_everybody=for_everybody), {number: [] for number in NUMBERS}
    for takes, number, slot in acts:
        if takes:
            day.add(number, slot)
            model[number].append(slot)
        else:
            assert day.remove(number, slot) is (slot in model[number])
            if slot in model[number]:
                model[number].reverse()  # of two that are alike it is the later place that goes
                model[number].remove(slot)
                model[number].reverse()
        assert {each: day.of(each) for each in NUMBERS} == model
        if day.counts is not None:
            counted = [day.counts[each] if each < len(day.counts) else 0 for each in NUMBERS]
            assert counted == [len(model[each]) for each in NUMBERS]


def test_an_octet_counts_as_far_as_it_can_and_back_again() -> None:
    day = DaySlots(BEGIN, for_everybody=True)
    for turn in range(COUNT_MAX + 2):
        day.add(7, BEGIN + turn)
    counted = [day.counts[7]]
    for turn in range(COUNT_MAX + 2):
        assert day.remove(7, BEGIN + turn)
        counted.append(day.counts[7])
    assert counted == [COUNT_MAX, COUNT_MAX, *range(COUNT_MAX, -1, -1)]


def _octets(people: range, for_everybody: bool = True, turns: int = 1) -> float:
    """What Python has allocated for each slot, once each of these has been given one so many times."""
    tracemalloc.start()
    try:
        day = DaySlots(BEGIN, for_everybody=for_everybody)
        for turn in range(turns):
            for number in people:
                day.add(number, BEGIN + turn)
                day.remove(number, BEGIN + turn)
                day.add(number, BEGIN + turn)
        snapshot = tracemalloc.take_snapshot().filter_traces(MARK)
    finally:
        tracemalloc.stop()
    return sum(trace.size for trace in snapshot.traces) / len(people) / turns


@pytest.mark.parametrize(
    ("people", "turns", "octets_max"), [(range(1, 20_001), 1, 20), (range(1, 5_001), 4, 15.5)]
)
def test_who_has_neighbours_costs_twenty_octets_at_most(people: range, turns: int, octets_max: float) -> None:
    """Arrays grow by an eighth more than they need."""
    assert _octets(people, turns=turns) < octets_max


def test_few_far_apart_cost_no_page_each() -> None:
    assert _octets(range(0, 10_000_000, 10_000), for_everybody=False) < 300
