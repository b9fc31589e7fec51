"""A rule over sets alone finds the same people by bitmaps as by the Python function."""

import pytest
from pyroaring import BitMap

from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.audience.to_bitmap import to_bitmap
from operator_push.domain.audience.vocabulary import Vocabulary

EVERYBODY = BitMap(range(1, 9))
SETS = {"list:vip": BitMap([1, 2, 3]), "received:spring": BitMap([3, 4]), "replied:spring": BitMap([4])}
VOCABULARY = Vocabulary(sets=tuple(SETS))


@pytest.mark.parametrize(
    ("rule", "people"),
    [
        ('in_list("vip")', [1, 2, 3]),
        ('in_list("vip") && !received("spring")', [1, 2]),
        ('in_list("vip") || received("spring") && !replied("spring")', [1, 2, 3]),
        ('!(in_list("vip") || received("spring"))', [5, 6, 7, 8]),
        ("true", list(EVERYBODY)),
        ("false", []),
    ],
)
def test_sets_are_put_together_as_the_rule_says(rule: str, people: list[int]) -> None:
    compiled = compile_rule(rule, VOCABULARY)
    assert to_bitmap(compiled.root, EVERYBODY, {key: SETS[key] for key in compiled.sets}) == BitMap(people)


@pytest.mark.parametrize(
    "rule", ["age >= 18", 'in_list("vip") && age >= 18', 'in_list("vip") ? true : prepaid']
)
def test_a_rule_that_reads_more_is_not_answered_by_sets(rule: str) -> None:
    compiled = compile_rule(rule, VOCABULARY)
    assert to_bitmap(compiled.root, EVERYBODY, {key: SETS[key] for key in compiled.sets}) is None
