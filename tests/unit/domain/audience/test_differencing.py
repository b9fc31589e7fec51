"""Differencing: how far a set is from what earlier answers tell, and what is said where it is near."""

import pytest
from pyroaring import BitMap

from operator_push.domain.audience.differencing import Answered, Nearness, distance, nearness

FLOOR = 100


def answered(people: BitMap, told: int | None = -1) -> Answered:
    told = len(people) - len(people) % 10 if told == -1 else told
    return Answered(told, len(people), lambda: people)


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
        (people(0, 1000), Nearness(1000, 0, single=True)),
        (people(1, 1000), Nearness(1000, 1, single=True)),
        (people(0, 1099), Nearness(1000, 99, single=True)),
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
    assert near == Nearness(2000, 5, single=False)  # 1000 + 1000: as if nobody were in both
    # Asked in another order: the union first, then the second part.
    near = nearness(other, [answered(one | other), answered(one)], FLOOR)
    assert near == Nearness(1000, 5, single=False)


def test_four_sets_are_put_together_too() -> None:
    one, other = people(0, 1000), people(500, 1500)
    both, either = one & other, one | other
    hidden = BitMap([1400])
    near = nearness(either - hidden, [answered(one), answered(other), answered(both)], FLOOR)
    assert near == Nearness(1500, 1, single=False)


def test_an_exact_sum_hides_nobody_and_is_counted() -> None:
    one, other = people(0, 1005), people(1005, 2010)
    assert nearness(one | other, [answered(one), answered(other)], FLOOR) is None


def test_a_list_of_the_client_is_known_to_it_without_an_answer() -> None:
    members = people(0, 500)
    assert nearness(people(3, 500), [answered(members, None)], FLOOR) == Nearness(None, 3, single=True)
    assert nearness(people(0, 300), [answered(members, None)], FLOOR) is None


def test_sets_are_loaded_only_where_sizes_do_not_decide() -> None:
    def never() -> BitMap:
        raise AssertionError("the sizes had decided")

    assert nearness(people(0, 500), [Answered(5000, 5000, never)] * 3, FLOOR) is None
