"""The histogram against the sorted list that it stands for."""

import math

import pytest
from hypothesis import given
from hypothesis.strategies import floats, integers, lists

from smsc_sim.load.histogram import Histogram, cell_bounds_us

VALUES = lists(integers(0, 10**10), min_size=1, max_size=200)


def histogram_of(values):
    histogram = Histogram()
    for value in values:
        histogram.record(value)
    return histogram


@given(values=VALUES, percent=floats(0, 100))
def test_a_percentile_is_right_to_a_128th_and_never_too_fast(values, percent):
    exact = sorted(values)[max(1, math.ceil(round(len(values) * percent / 100, 9))) - 1]
    told = histogram_of(values).percentile_us(percent)
    assert exact <= told <= exact * (1 + 1 / 128) + 1
    assert told <= max(values)


@given(values=VALUES)
def test_the_ends_and_the_mean_are_exact(values):
    histogram = histogram_of(values)
    assert (histogram.min_us, histogram.max_us, histogram.total) == (min(values), max(values), len(values))
    assert histogram.mean_us == pytest.approx(sum(values) / len(values))
    assert histogram.percentile_us(100) == max(values)


@given(one=VALUES, other=VALUES)
def test_adding_is_recording_both(one, other):
    added = histogram_of(one)
    added.add(histogram_of(other))
    both = histogram_of(one + other)
    assert added.cells == both.cells
    assert (added.total, added.sum_us, added.min_us, added.max_us) == (
        both.total,
        both.sum_us,
        both.min_us,
        both.max_us,
    )


@given(value=integers(0, 10**12))
def test_every_value_lies_in_its_cell(value):
    [cell] = histogram_of([value]).cells
    low, high = cell_bounds_us(cell)
    assert low <= value <= high
    assert cell_bounds_us(cell + 1)[0] == high + 1


def test_many_percentiles_in_one_walk_are_those_one_by_one():
    histogram = histogram_of(range(1, 100_001, 7))
    percents = (0.0, 50.0, 90.0, 99.0, 99.9, 100.0)
    assert histogram.percentiles_us(percents) == [(p, histogram.percentile_us(p)) for p in percents]


def test_an_empty_histogram_has_no_latency():
    histogram = Histogram()
    assert (histogram.percentile_us(99), histogram.mean_us, histogram.rows()) == (0, 0.0, [])
    other = histogram_of([5])
    other.add(histogram)
    assert (other.min_us, other.total) == (5, 1)


def test_counts_and_coarse_cells_lose_nobody():
    histogram = Histogram()
    histogram.record(1000, 3)
    histogram.record(50_000, 2)
    histogram.record(-4)
    assert histogram.min_us == 0
    assert histogram.count_over(10_000) == 2
    assert sum(histogram.coarse().values()) == 6
    assert sum(count for _, count in histogram.rows()) == 6
