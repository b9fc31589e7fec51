"""Own lists: what they decide of a rule, for whom, and whom they single out."""

import pytest
from pyroaring import BitMap

from operator_push.domain.audience.own_lists import LISTS_MAX, every_member, own_lists, sorted_by_lists
from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.audience.vocabulary import Vocabulary
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME

PAD, ONE, MORE = BitMap(range(1, 111)), BitMap([200]), BitMap(range(50, 151))
SETS = {"list:pad": PAD, "list:one": ONE, "list:more": MORE, "received:spring": BitMap(range(1, 500))}
EVERYTHING = Vocabulary(FEATURES_BY_NAME, sets=frozenset(SETS))
NOBODY = BitMap()


def own(rule: str, floor: int = 100) -> tuple[BitMap, BitMap, BitMap]:
    compiled = compile_rule(rule, EVERYTHING)
    found = own_lists(compiled.root, {key: SETS[key] for key in compiled.sets}, floor)
    assert found is not None
    return found.decided, found.undecided, found.few


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('in_list("pad") && age > 18', (NOBODY, PAD, NOBODY)),
        ('in_list("pad") || age > 18', (PAD, NOBODY, NOBODY)),
        ('!in_list("pad") && age > 18', (NOBODY, NOBODY, NOBODY)),
        ('in_list("pad") || (in_list("one") && prepaid)', (PAD, ONE, ONE)),
        ('age > 18 && !in_list("one")', (NOBODY, NOBODY, ONE)),
        ('in_list("pad") && received("spring")', (NOBODY, PAD, NOBODY)),
        ('in_list("pad") ? prepaid : age > 18', (NOBODY, PAD, NOBODY)),
        ('in_list("pad") ? true : age > 18', (PAD, NOBODY, NOBODY)),
        ('!(in_list("pad") && age > 18)', (NOBODY, PAD, NOBODY)),
        ('(in_list("pad") == true) && age > 18', (NOBODY, PAD, NOBODY)),
        ('(prepaid ? true : true) || in_list("one")', (ONE, NOBODY, ONE)),
    ],
)
def test_who_is_decided_by_lists_alone(rule: str, expected: tuple[BitMap, BitMap, BitMap]) -> None:
    assert own(rule) == expected


def test_people_are_sorted_by_the_lists_that_they_are_on() -> None:
    decided, undecided, few = own('in_list("pad") && !in_list("more") || in_list("more") && age > 18')
    assert (decided, undecided) == (PAD - MORE, MORE)
    assert few == PAD | MORE, "no sort has a hundred people"
    assert sorted_by_lists({"a": PAD, "b": MORE, "c": PAD}) == {
        frozenset("ac"): PAD - MORE,
        frozenset("abc"): PAD & MORE,
        frozenset("b"): MORE - PAD,
    }


@pytest.mark.parametrize("rule", ["age > 18", 'in_list("pad")', '!in_list("pad") || in_list("one")'])
def test_lists_alone_and_no_lists_are_not_judged_by_parts(rule: str) -> None:
    compiled = compile_rule(rule, EVERYTHING)
    assert own_lists(compiled.root, {key: SETS[key] for key in compiled.sets}, 100) is None


def test_the_lists_of_a_rule_are_bounded() -> None:
    keys = [f"list:l{number}" for number in range(LISTS_MAX + 1)]
    rule = " || ".join(f'in_list("{key[5:]}")' for key in keys)
    compiled = compile_rule(f"age > 18 && ({rule})", Vocabulary(FEATURES_BY_NAME, sets=frozenset(keys)))
    with pytest.raises(OperatorError, match="at most 10 lists beside other conditions, not 11"):
        own_lists(compiled.root, dict.fromkeys(keys, ONE), 100)


def test_within_a_group_that_a_client_does_not_know_lists_decide_nothing() -> None:
    found = every_member([PAD, ONE], 100)
    assert found is not None
    assert (found.decided, found.undecided) == (NOBODY, PAD | ONE)
    assert every_member([], 100) is None
