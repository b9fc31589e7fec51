"""Arithmetic of groups against plain Python loops."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cdr_ingest.indicators.groups import entropy, fewest, pairs, starts, summary

GROUPS = 4
ROWS = st.lists(st.tuples(st.integers(0, GROUPS - 1), st.integers(0, 5)), max_size=40)


def columns(rows):
    rows = sorted(rows, key=lambda row: row[0])
    return (
        np.array([group for group, _ in rows], dtype=np.int64),
        np.array([value for _, value in rows], dtype=np.int64),
    )


def of(group, rows):
    return [value for number, value in rows if number == group]


@settings(deadline=None)
@given(ROWS)
def test_statistics_are_those_of_each_group(rows):
    group, values = columns(rows)
    found = summary(values.astype(float), group, GROUPS, extended=True).columns
    for number in range(GROUPS):
        mine = sorted(of(number, rows))
        told = {name: column[number] for name, column in found.items()}
        if not mine:
            assert all(math.isnan(value) for value in told.values())
            continue
        mean = sum(mine) / len(mine)
        m2, m3, m4 = (sum((value - mean) ** power for value in mine) / len(mine) for power in (2, 3, 4))
        assert math.isclose(told["mean"], mean)
        assert math.isclose(told["std"], m2**0.5)
        assert math.isclose(told["skewness"], m3 / m2**1.5 if m2 else 0, abs_tol=1e-12)
        assert math.isclose(told["kurtosis"], m4 / m2**2 if m2 else 0)
        assert (told["min"], told["max"]) == (mine[0], mine[-1])
        assert told["median"] == (mine[len(mine) // 2] + mine[(len(mine) - 1) // 2]) / 2


@settings(deadline=None)
@given(ROWS)
def test_pairs_are_counted_and_know_their_first_row(rows):
    group, key = columns(rows)
    found = pairs(group, key)
    told = list(zip(found.group.tolist(), found.key.tolist(), found.size.tolist(), strict=True))
    both = list(zip(group.tolist(), key.tolist(), strict=True))
    assert told == [(*pair, both.count(pair)) for pair in sorted(set(both))]
    assert [both.index(pair[:2]) for pair in told] == found.first.tolist()
    assert [told[row][:2] for row in found.row.tolist()] == both


@settings(deadline=None)
@given(ROWS)
def test_the_fewest_that_make_up_a_share(rows):
    group, weight = columns(rows)
    found = fewest(weight, group, GROUPS, 0.8)
    for number in range(GROUPS):
        mine = sorted(of(number, rows), reverse=True)
        target, taken = math.ceil(sum(mine) * 0.8), 0
        while target > 0 and taken < len(mine):
            target -= mine[taken]
            taken += 1
        assert found[number] == taken


def test_entropy_is_in_nats_and_unknown_without_rows():
    found = entropy(pairs(np.array([0, 0, 2]), np.array([3, 5, 1])), 3)
    assert math.isclose(found[0], math.log(2))
    assert math.isnan(found[1])
    assert found[2] == 0


def test_starts_are_where_any_column_changes():
    assert starts(np.array([1, 1, 1, 2]), np.array([5, 5, 6, 6])).tolist() == [True, False, True, True]
    assert starts(np.array([], dtype=np.int64)).tolist() == []


def test_sums_round_as_a_loop_would():
    """Three tenths have a mean a hair above a tenth: their kurtosis is made of that hair."""
    tenths = np.full(3, 0.1)
    found = summary(tenths, np.zeros(3, dtype=np.int64), 1, extended=True).columns
    assert found["mean"][0] == sum([0.1, 0.1, 0.1]) / 3 != 0.1
    assert math.isclose(found["kurtosis"][0], 1.0)
