"""Latencies in cells are right to one percent, and never above what was measured."""

from hypothesis import given
from hypothesis.strategies import floats, integers, lists

from smsc_sim.assertions.latencies import Latencies


@given(values=lists(integers(0, 10**9), min_size=1), share=floats(0.001, 1.0))
def test_a_percentile_is_that_of_the_values_to_one_percent(values, share):
    latencies = Latencies()
    for value in values:
        latencies.record(value)
    at = max(1, -int(-len(values) * share // 1))
    exact = sorted(values)[at - 1]
    assert exact * 0.99 - 1 <= latencies.percentile_us(share) <= exact


def test_nothing_measured_has_no_percentile():
    assert Latencies().percentile_us(0.99) is None


def test_merging_is_counting_all():
    one, other = Latencies(), Latencies()
    one.record(5)
    other.record(100)
    assert one.merged_with([other]).percentile_us(1.0) == 100
    assert one.percentile_us(1.0) == 5
