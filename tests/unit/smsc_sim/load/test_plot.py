"""The parts of a chart: axes that end at round numbers, lines that break where nothing was measured."""

import pytest
from hypothesis import given
from hypothesis.strategies import floats

from smsc_sim.load.plot import (
    HEIGHT,
    LEFT,
    TOP,
    Frame,
    Line,
    decades,
    drawn,
    linear_ticks,
    log_ticks,
    micros,
    nice_top,
    plain_count,
    time_ticks,
)

LOG = Frame(10.0, 100.0, 10_000.0, True)


def test_a_frame_maps_the_corners():
    frame = Frame(10.0, 0.0, 50.0, False)
    assert (frame.x(0), frame.y(50)) == (LEFT, TOP)
    assert frame.y(0) > frame.y(10) > frame.y(50)
    assert LOG.y(1_000) == pytest.approx((LOG.y(100) + LOG.y(10_000)) / 2)
    assert LOG.y(1) == LOG.y(100) < HEIGHT


@given(value=floats(1e-3, 1e9))
def test_the_end_of_an_axis_is_just_above_and_its_quarters_are_round(value):
    top = nice_top(value)
    assert value <= top * (1 + 1e-9) <= value * 2
    for tick in linear_ticks(top):
        assert float(f"{tick:.2g}") == pytest.approx(tick)


@given(low=floats(10, 1e6), factor=floats(1, 1e5))
def test_a_log_axis_holds_its_values_and_has_labels(low, factor):
    y_min, y_max = decades(low, low * factor)
    assert y_min <= low * (1 + 1e-9)
    assert y_max >= low * factor * (1 - 1e-9)
    assert y_max >= y_min * 10 * (1 - 1e-9)
    assert 1 <= len(log_ticks(Frame(1.0, y_min, y_max, True))) <= 12


@given(end=floats(0.05, 400_000))
def test_moments_are_at_most_eleven(end):
    ticks = time_ticks(end)
    assert 1 <= len(ticks) <= 11
    assert all(value <= end + 1e-6 for value, _ in ticks)


def test_a_line_breaks_where_nothing_was_measured():
    line = Line("p99", "p99", [(0, 200.0), (1, 300.0), (2, None), (3, 400.0)], is_area=True)
    told = drawn(LOG, line)
    assert told.count('class="line p99"') == 2
    assert told.count('class="area p99"') == 2
    assert drawn(LOG, Line("none", "p99", [(0, None)])) == ""


def test_labels_have_units():
    assert [micros(value) for value in (500.0, 20_000.0, 3_000_000.0)] == ["500 µs", "20 ms", "3 s"]
    assert [plain_count(value) for value in (0.0, 2.5, 12_000.0)] == ["0", "2.5", "12,000"]
    assert [label for _, label in time_ticks(300)][:3] == ["0 s", "30 s", "60 s"]
    assert time_ticks(1200)[1] == (120.0, "2 min")
