"""Delays: drawn by inverse transform from one number in [0, 1)."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc_sim.delays import Exponential, delay_drawer, delay_fault, fixed_seconds

UNIT = st.floats(0, 1, exclude_max=True)


@given(UNIT)
def test_a_number_is_fixed(unit):
    assert delay_drawer(250.0)(unit) == 0.25


@given(UNIT, st.floats(0, 1000), st.floats(0, 1000))
def test_a_pair_is_uniform_between_its_ends(unit, start, span):
    seconds = delay_drawer((start, start + span))(unit)
    assert start / 1000 <= seconds * (1 + 1e-12) + 1e-12
    assert seconds <= (start + span) / 1000 + 1e-12


@given(UNIT)
def test_an_exponential_is_cut_at_its_max(unit):
    assert 0 <= delay_drawer(Exponential(mean=50, max=80))(unit) <= 0.08


def test_the_median_of_an_exponential_is_its_mean_times_ln_2():
    assert delay_drawer(Exponential(mean=1000))(0.5) == pytest.approx(log(2))


def test_without_a_max_twenty_means_are_the_end():
    assert delay_drawer(Exponential(mean=100))(1 - 2**-53) == pytest.approx(2.0)


def test_faults_are_sentences():
    assert "backwards" in delay_fault((5.0, 1.0))
    assert "below mean" in delay_fault(Exponential(mean=5, max=1))
    assert delay_fault((1.0, 5.0)) is None
    assert delay_fault(3.0) is None


@pytest.mark.parametrize("delay", [250.0, (100.0, 900.0), Exponential(mean=50), Exponential(mean=50, max=80)])
def test_on_a_fast_clock_every_delay_is_shorter(delay):
    plain, fast = delay_drawer(delay), delay_drawer(delay, 10.0)
    for unit in (0.0, 0.3, 0.9999):
        assert fast(unit) == pytest.approx(plain(unit) / 10)


@given(UNIT, st.floats(0, 1000), st.sampled_from([1.0, 60.0]))
def test_only_a_number_needs_no_draw(unit, delay, speed):
    assert fixed_seconds(delay, speed) == delay_drawer(delay, speed)(unit)
    assert fixed_seconds((delay, delay), speed) is None
    assert fixed_seconds(Exponential(mean=50), speed) is None
