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
from operator_push.domain.audience.own_lists import every_member, is_list, own_lists
from operator_push.domain.audience.rule import Rule, compile_rule
from operator_push.domain.audience.to_bitmap import to_bitmap
from operator_push.domain.audience.vocabulary import Vocabulary
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME
from operator_push.services.answer_audiences import AnswerRules, judge

FLOOR = 20  # small, so that attacks have room; everything in the product scales with it
PEOPLE = 400
TARGET = 7


class Desk:
    """What one client was told: None where there was no count."""

    def __init__(self) -> None:
        self.book: list[Answered] = []

    def ask(self, found: BitMap, lists: tuple[BitMap, ...] = ()) -> int | None:
        own = every_member(lists, FLOOR)
        verdict = judge(found, self.book, AnswerRules(floor=FLOOR), own=own)
        if not isinstance(verdict.told, Disclosed):
            return None
        if verdict.remember:
            people = verdict.people
            self.book.append(Answered(verdict.told.count, len(people), lambda: people))
        return verdict.told.count

    def ask_rule(self, text: str, sets: dict[str, BitMap]) -> tuple[object, str]:
        """Ask a rule over sets as the product does; what is told, and how."""
        rule = compile_rule(text, ASKED)
        asked = {key: sets[key] for key in rule.sets}
        own = own_lists(rule.root, asked, FLOOR)
        without = {key: people - own.few if own and is_list(key) else people for key, people in asked.items()}
        found, merged = _found(rule, asked), _found(rule, without) if own and own.few else None
        verdict = judge(found, self.book, AnswerRules(floor=FLOOR), own=own, merged=merged)
        if verdict.remember and isinstance(verdict.told, Disclosed):
            self.book.append(Answered(verdict.told.count, len(verdict.people), lambda: verdict.people))
        return verdict.told, verdict.outcome.for_client


def _found(rule: Rule, sets: dict[str, BitMap]) -> BitMap:
    people = to_bitmap(rule.root, BitMap(range(PEOPLE + 2)), sets)
    assert people is not None
    return people


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
        *_, last = map(desk.ask, order)
        if len(desk.book) < 2 or last is None:
            continue
        # By the sizes of the first two alone: the union as if nobody were in both, a part as if nobody else.
        first, second = order[0], order[1]
        whole = abs(len(first) - len(second)) if one | other in (first, second) else len(first) + len(second)
        assert last == whole - whole % 10


@settings(max_examples=100, deadline=None)
@given(groups=st.lists(GROUPS, min_size=2, max_size=7))
def test_answers_that_add_up_to_a_few_add_up_to_nobody(groups: list[BitMap]) -> None:
    """Whatever was asked, and whichever of the answers are put together."""
    desk = Desk()
    for group in groups:
        desk.ask(group)
    for place, last in enumerate(desk.book):
        sums = [
            near.total
            for count in (1, 2, 3)
            for near in sums_of(last, desk.book[:place], count)
            if 0 < near.apart < FLOOR
        ]
        # Where several sums are near, the count is what one of them comes to, whoever the few are.
        assert not sums or last.told in [total - total % 10 for total in sums]
        assert all(near.apart >= FLOOR for near in sums_of(last, desk.book[:place], 1))


class Sum(NamedTuple):
    """Answers put together: what they come to by their sizes, and in how many people that is not the last."""

    total: int
    apart: int


def sums_of(last: Answered, before: list[Answered], count: int) -> Iterator[Sum]:
    for chosen in combinations(before, count):
        for signs in product((-1, 1), repeat=count):
            plus = [each for each, sign in zip(chosen, signs, strict=True) if sign == 1]
            minus = [each for each, sign in zip(chosen, signs, strict=True) if sign == -1]
            if minus:
                total = sum(each.people for each in minus) - sum(each.people for each in plus)
                yield Sum(total, distance([last.load(), *_sets(plus)], _sets(minus)))


def _sets(answers: list[Answered]) -> list[BitMap]:
    return [each.load() for each in answers]


SETS = ("list:pad", "list:target", "received:x")
ASKED = Vocabulary(FEATURES_BY_NAME, sets=frozenset(SETS))
X = 'received("x")'  # in the place of any condition that the client wonders about
RULES = (
    f'in_list("pad") || (in_list("target") && {X})',
    f'(in_list("pad") || in_list("target")) && {X}',
    f'in_list("target") && {X} || !in_list("target") && in_list("pad")',
    f'{X} && !in_list("target")',
    f'{X} || in_list("target")',
    f'in_list("pad") && !(in_list("target") && {X}) || in_list("pad") && {X}',
)


@settings(max_examples=200, deadline=None)
@given(
    group=GROUPS,
    pad=st.lists(st.integers(0, PEOPLE), max_size=3 * FLOOR).map(BitMap),
    is_all_of_pad=st.booleans(),
    rules=st.lists(st.sampled_from(RULES), min_size=1, max_size=4),
)
def test_a_list_of_one_tells_nothing_of_its_person(
    group: BitMap, pad: BitMap, is_all_of_pad: bool, rules: list[str]
) -> None:
    """Two worlds, in one of which the target is among so many people, in the other somebody else.

    The client knows of everybody on its pad, and puts the target alone on a list; whatever it asks after it
    has asked for all, it hears the same in both.
    """
    target, somebody_else = BitMap([TARGET]), BitMap([PEOPLE + 1])
    pad -= target
    group = ((group | pad) if is_all_of_pad else (group - pad)) - target
    worlds = []
    for one_more in (target, somebody_else):
        desk, told = Desk(), []
        for rule in (X, *rules):
            told.append(desk.ask_rule(rule, dict(zip(SETS, (pad, target, group | one_more), strict=True))))
        worlds.append(told)
    assert worlds[0] == worlds[1]
