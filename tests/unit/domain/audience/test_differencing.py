"""Differencing: how far a set is from what earlier answers tell, and what is said where it is near."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from operator_push.domain.audience.differencing import Answered, Nearness, distance, nearness, surplus

FLOOR = 100


def answered(people: BitMap) -> Answered:
    return Answered(len(people) - len(people) % 10, len(people), lambda: people)


def people(first: int, last: int) -> BitMap:
    return BitMap(range(first, last))


def test_the_distance_of_two_sets_is_the_people_in_whom_they_differ() -> None:
    assert distance([people(0, 10)], [people(5, 12)]) == 7
    assert distance([people(0, 10)], []) == 10


def test_the_distance_of_sums_counts_everybody_as_often_as_they_stand_in_them() -> None:
    one, other = people(0, 10), people(8, 20)
    assert distance([one | other], [one, other]) == 2
    assert distance([one | other, one & other], [one, other]) == 0
    assert distance([], [one, one, one]) == 30
    assert distance([one], [one, other]) == 12


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (people(0, 1000), Nearness(1000, 1000, people(0, 1000), single=True)),
        (people(1, 1000), Nearness(1000, 1000, people(0, 1000), single=True)),
        (people(0, 1099), Nearness(1000, 1000, people(0, 1000), single=True)),
        (people(0, 1100), None),
        (people(0, 900), None),
        (people(1, 901), None),
        (people(2000, 3000), None),
    ],
)
def test_one_earlier_answer(found: BitMap, expected: Nearness | None) -> None:
    assert nearness(found, [answered(people(0, 1000))], FLOOR) == expected


def test_the_intersection_of_two_answers_stays_hidden_when_their_union_is_asked() -> None:
    one, other = people(0, 1000), people(995, 2000)
    near = nearness(one | other, [answered(one), answered(other)], FLOOR)
    assert near == Nearness(2000, 2005, one | other, single=False)  # 1000 + 1005: as if nobody were in both
    # Asked in another order: the union first, then the second part.
    near = nearness(other, [answered(one | other), answered(one)], FLOOR)
    assert near == Nearness(1000, 1000, other - one, single=False)


def test_four_sets_are_put_together_too() -> None:
    one, other = people(0, 1000), people(500, 1500)
    both, either = one & other, one | other
    hidden = BitMap([1400])
    near = nearness(either - hidden, [answered(one), answered(other), answered(both)], FLOOR)
    assert near == Nearness(1500, 1500, either, single=False)


def test_an_exact_sum_is_told_as_one_that_is_nearly_so() -> None:
    """210 less 105 are 105; told as 110 with one person more and as 100 without, it would tell of the one."""
    whole, part = people(0, 210), people(0, 105)
    book = [answered(whole), answered(part)]
    exact = nearness(whole - part, book, FLOOR)
    assert exact == Nearness(110, 105, whole - part, single=False)
    assert nearness((whole - part) | people(900, 901), book, FLOOR) == exact


def test_a_list_of_the_client_tells_something_in_sums_alone() -> None:
    own, asked = answered(people(0, 500)), answered(people(500, 1000))
    assert nearness(people(3, 500), [], FLOOR, [own]) is None
    assert nearness(people(3, 1000), [asked], FLOOR, [own]) == Nearness(
        1000, 1000, people(0, 1000), single=False
    )


def test_the_surplus_of_sums() -> None:
    one, other = people(0, 10), people(5, 15)
    assert surplus([one, other], []) == people(0, 15)
    assert surplus([one, other], [people(0, 15)]) == people(5, 10)
    assert surplus([one], [one, other]) == BitMap()


def test_sets_are_loaded_only_where_sizes_do_not_decide() -> None:
    def never() -> BitMap:
        raise AssertionError("the sizes had decided")

    assert nearness(people(0, 500), [Answered(5000, 5000, never)] * 3, FLOOR) is None


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), floor=st.sampled_from([3, 6, 10]))
def test_looking_sizes_up_finds_what_trying_every_way_finds(seed: int, floor: int) -> None:
    chance = Random(seed)
    earlier = [answered(BitMap(chance.sample(range(60), chance.randrange(5, 50)))) for _ in range(5)]
    one, other = earlier[0].load(), earlier[1].load()
    found = BitMap(chance.choice([one | other, one - other, one])) ^ BitMap(chance.sample(range(60), 2))
    assert nearness(found, earlier, floor) == by_every_way(found, earlier, floor)


def by_every_way(found: BitMap, earlier: list[Answered], floor: int) -> Nearness | None:
    """As `nearness`, without a thought for sizes."""
    singles = [(distance([found], [each.load()]), each) for each in earlier]
    if near := [(apart, each) for apart, each in singles if apart < floor]:
        _, each = min(near, key=lambda pair: pair[0])
        return Nearness(each.told, each.people, each.load(), single=True)
    for count in (2, 3):
        for chosen in combinations(earlier, count):
            for beside in range(count):
                for places in combinations(range(count), beside):
                    plus = [chosen[place] for place in places]
                    minus = [each for place, each in enumerate(chosen) if place not in places]
                    beside, against = ([each.load() for each in sets] for sets in (plus, minus))
                    if distance([found, *beside], against) < floor:
                        told = sum(each.told for each in minus) - sum(each.told for each in plus)
                        total = sum(map(len, against)) - sum(map(len, beside))
                        return Nearness(told, total, surplus(against, beside), single=False)
    return None
