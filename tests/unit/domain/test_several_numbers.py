"""A campaign for people takes one number of each person who has several, and always the same one."""

from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from operator_push.domain.several_numbers import one_number_each

NUMBERS = st.sets(st.integers(1, 60))


@settings(deadline=None, max_examples=60)
@given(NUMBERS, st.lists(st.sets(st.integers(1, 60), min_size=2, max_size=4), max_size=6), st.integers(0, 9))
def test_one_of_each_person_and_everybody_else_is_left(
    people: set[int], drawn: list[set[int]], seed: int
) -> None:
    persons: list[set[int]] = []
    for each in drawn:
        if not any(each & other for other in persons):
            persons.append(each)
    left = one_number_each(BitMap(people), map(sorted, persons), seed)
    for person in persons:
        assert len(person & set(left)) == min(1, len(person & people))
    several = {number for person in persons for number in person}
    assert set(left) - several == people - several
    assert one_number_each(BitMap(people), map(sorted, persons), seed) == left


def test_whoever_was_taken_in_stays_the_one() -> None:
    persons = [(1, 2, 3)]
    for stays in (1, 2, 3):
        assert one_number_each(BitMap([1, 2, 3, 4]), persons, 5, BitMap([stays])) == BitMap([stays, 4])
    assert one_number_each(BitMap([1, 2, 4]), persons, 5, BitMap([3])) == BitMap([4])
