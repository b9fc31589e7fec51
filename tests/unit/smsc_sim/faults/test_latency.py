"""Latency: the distributions that only faults have."""

import pytest

from smsc_sim.faults.latency import latency_drawer, percentile_of
from smsc_sim.faults.pdu_tables import Latency, LogNormal


def test_a_delay_is_as_everywhere():
    draw = latency_drawer(Latency(delay_ms=(10.0, 20.0)))
    assert draw(0.5) == pytest.approx(0.015)


def test_a_log_normal_has_its_median_and_its_99th_percentile():
    draw = latency_drawer(Latency(lognormal_ms=LogNormal(median=20, p99=400)))
    assert draw(0.5) == pytest.approx(0.020)
    assert draw(0.99) == pytest.approx(0.400)
    assert 0 < draw(0.0) < draw(0.1) < draw(0.9999999)


@pytest.mark.parametrize(
    ("unit", "seconds"), [(0, 0), (0.25, 0.010), (0.5, 0.020), (0.7, 0.050), (0.9, 0.080), (0.95, 0.090)]
)
def test_percentiles_with_straight_lines_between(unit, seconds):
    draw = latency_drawer(Latency(percentiles_ms={"p90": 80, "p50": 20, "max": 100}))
    assert draw(unit) == pytest.approx(seconds)


def test_above_the_highest_percentile_it_stays_flat_without_a_max():
    assert latency_drawer(Latency(percentiles_ms={"p50": 20}))(0.99) == pytest.approx(0.020)


@pytest.mark.parametrize(
    ("name", "share"),
    [("p50", 0.5), ("p99.9", 0.999), ("max", 1.0), ("p100", None), ("p0", None), ("x", None), ("p", None)],
)
def test_names_of_percentiles(name, share):
    assert percentile_of(name) == (share if share is None else pytest.approx(share))
