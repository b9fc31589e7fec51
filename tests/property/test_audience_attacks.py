"""Attacks on counts: a client that asks as it likes learns nothing of fewer people than the floor.

Every attack asks a desk that judges and remembers as the product does, over sets drawn at random, and then
subtracts what it was told. What is hidden is whether one person, or a few, are in a set.
"""

from collections.abc import Iterator
from itertools import combinations, product
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from operator_push.domain.audience.counting import Disclosed
from operator_push.domain.audience.differencing import Answered, distance
from operator_push.services.answer_audiences import AnswerRules, judge

FLOOR = 20  # small, so that attacks have room; everything in the product scales with it
PEOPLE = 400
TARGET = 7


class Desk:
    """What one client was told: None where there was no count."""

    def __init__(self) -> None:
        self.book: list[Answered] = []

    def ask(self, found: BitMap, lists: tuple[BitMap, ...] = ()) -> int | None:
        verdict = judge(found, self.book, lists, False, AnswerRules(floor=FLOOR))
        if not isinstance(verdict.told, Disclosed):
            return None
        if verdict.remember:
            self.book.append(Answered(verdict.told.count, len(found), lambda: found))
        return verdict.told.count


GROUPS = st.builds(
    lambda start, length, every: BitMap(range(start, min(PEOPLE, start + length), every)),
    st.integers(0, PEOPLE),
    st.integers(0, PEOPLE),
    st.integers(1, 3),
)
FEW = st.lists(st.integers(0, PEOPLE), min_size=1, max_size=FLOOR - 1).map(BitMap)


@settings(max_examples=150, deadline=None)
@given(base=GROUPS, few=FEW)
def test_near_duplicates_tell_nothing(base: BitMap, few: BitMap) -> None:
    """A rule, and the rule less a few: by a condition, an exclusion, a list of one, or a day later."""
    desk = Desk()
    first = desk.ask(base)
    if first is None:
        return
    for other in (base - few, base | few, base ^ few):
        assert desk.ask(other) in (first, None)
    assert desk.ask(base) == first


@settings(max_examples=150, deadline=None)
@given(base=GROUPS, in_both_worlds=GROUPS)
def test_one_person_more_changes_no_difference(base: BitMap, in_both_worlds: BitMap) -> None:
    """Two worlds that differ in the target alone: what a list of one, or an exclusion, adds is the same."""
    told = []
    for world in (base - BitMap([TARGET]), base | BitMap([TARGET])):
        desk = Desk()
        first = desk.ask(world)
        second = desk.ask(world - BitMap([TARGET]))
        third = desk.ask(world | BitMap([TARGET]), (BitMap([TARGET]),))
        told.append(None if None in (first, second, third) else (second - first, third - first))  # type: ignore[operator]
    assert set(told) <= {None, (0, 0)}


@settings(max_examples=200, deadline=None)
@given(one=GROUPS, other=GROUPS)
def test_the_size_of_a_small_intersection_is_not_told(one: BitMap, other: BitMap) -> None:
    both = one & other
    if not 0 < len(both) < FLOOR or min(len(one - other), len(other - one)) < FLOOR:
        return
    for order in ((one, other, one | other), (one | other, one, other), (other, one | other, one)):
        desk = Desk()
        told = dict(zip(map(frozenset, order), map(desk.ask, order), strict=True))
        counts = [told[frozenset(each)] for each in (one, other, one | other)]
        assert None in counts or counts[0] + counts[1] - counts[2] == 0  # type: ignore[operator]


@settings(max_examples=100, deadline=None)
@given(groups=st.lists(GROUPS, min_size=2, max_size=7))
def test_answers_that_add_up_to_a_few_add_up_to_nobody(groups: list[BitMap]) -> None:
    """Whatever was asked, and whichever of the answers are put together."""
    desk = Desk()
    for group in groups:
        desk.ask(group)
    for place, last in enumerate(desk.book):
        sums = [
            (near.total, near.apart)
            for count in (1, 2, 3)
            for near in sums_of(last, desk.book[:place], count)
            if 0 < near.apart < FLOOR
        ]
        # Where several sums are near, the count follows one of them; the others then differ from it by what
        # was told before it was.
        assert not sums or 0 in (total for total, _ in sums)
        assert all(near.apart >= FLOOR for near in sums_of(last, desk.book[:place], 1))


class Sum(NamedTuple):
    """Answers put together: what they told in all, and of how many people that is."""

    total: int
    apart: int


def sums_of(last: Answered, before: list[Answered], count: int) -> Iterator[Sum]:
    for chosen in combinations(before, count):
        for signs in product((-1, 1), repeat=count):
            plus = [last, *(each for each, sign in zip(chosen, signs, strict=True) if sign == 1)]
            minus = [each for each, sign in zip(chosen, signs, strict=True) if sign == -1]
            if minus:
                total = sum(each.told or 0 for each in plus) - sum(each.told or 0 for each in minus)
                yield Sum(total, distance([each.load() for each in plus], [each.load() for each in minus]))
