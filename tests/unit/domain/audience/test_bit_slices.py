"""Bit slices: a comparison by set algebra says what the comparison of each person's value says."""

import operator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from operator_push.domain.audience.bit_slices import BitSlices, sliced, sliced_attribute
from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.audience.tree import Comparison, Not

MEANS = {
    Comparison.EQUAL: operator.eq,
    Comparison.NOT_EQUAL: operator.ne,
    Comparison.LESS: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.MORE: operator.gt,
    Comparison.AT_LEAST: operator.ge,
}


def slices_of(people: dict[int, int | None]) -> BitSlices:
    values = sorted({value for value in people.values() if value is not None})
    ranks = {number: values.index(value) for number, value in people.items() if value is not None}
    bits = max(0, len(values) - 1).bit_length()
    slices = [BitMap([number for number, rank in ranks.items() if rank >> bit & 1]) for bit in range(bits)]
    return BitSlices(values, BitMap(ranks), slices)


@settings(deadline=None, max_examples=150)
@given(
    st.dictionaries(st.integers(0, 200), st.none() | st.integers(-6, 6)),
    st.sampled_from(list(Comparison)),
    st.integers(-8, 8),
)
def test_it_says_what_each_value_says(
    people: dict[int, int | None], comparison: Comparison, value: int
) -> None:
    found = slices_of(people).compare(comparison, value)
    assert set(found) == {
        number for number, own in people.items() if own is not None and MEANS[comparison](own, value)
    }


@pytest.mark.parametrize(
    ("text", "true", "false"),
    [
        ("age >= 30", {2, 3}, {1}),
        ("30 <= age", {2, 3}, {1}),
        ("30 > age", {1}, {2, 3}),
        ("age in [20, 40]", {1, 3}, {2}),
        ("age == null", {4, 5}, {1, 2, 3}),
        ("age != null", {1, 2, 3}, {4, 5}),
        ("age in []", set(), {1, 2, 3}),
    ],
)
def test_of_whom_nothing_is_known_neither_is_true(text: str, true: set[int], false: set[int]) -> None:
    """1 to 3 have 20, 30 and 40; 4 has none, and 5 does not permit the use of hers."""
    slices = slices_of({1: 20, 2: 30, 3: 40, 4: None, 5: 30, 6: 30})
    everybody, permitting = BitMap(range(1, 6)), BitMap([1, 2, 3, 4])
    root = compile_rule(text).root
    assert sliced_attribute(root) == "age"
    assert set(sliced(root, everybody, permitting, lambda name: slices)) == true
    assert set(sliced(Not(root, 0), everybody, permitting, lambda name: slices)) == false


@pytest.mark.parametrize("text", ["age + 1 > 30", "age > calls_30d", "size(plan) > 3", "age > 3 || prepaid"])
def test_what_is_no_comparison_with_a_value_is_left_to_a_scan(text: str) -> None:
    assert sliced_attribute(compile_rule(text).root) is None
    with pytest.raises(ValueError, match="no part that slices answer"):
        sliced(compile_rule(text).root, BitMap(), BitMap(), lambda name: slices_of({}))
