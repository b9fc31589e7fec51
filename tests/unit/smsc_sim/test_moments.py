"""Moments: the run's clock and its texts."""

from hypothesis import given
from hypothesis import strategies as st

from operator_push.kernel.instants import iso
from smsc_sim.moments import IsoText, RunClock, file_stamp


@given(st.lists(st.integers(0, 4_000_000_000_000_000), max_size=20))
def test_texts_are_those_of_the_kernel(moments):
    text = IsoText().text
    assert [text(moment) for moment in moments] == [iso(moment) for moment in moments]


def test_kept_seconds_are_bounded_and_stay_right():
    iso_text = IsoText()
    for second in range(5000):
        assert iso_text.text(second * 1_000_000) == iso(second * 1_000_000)


@given(st.floats(0, 1e6), st.floats(0, 1e5))
def test_the_clock_moves_with_the_seconds_of_the_engine(start, passed):
    clock = RunClock(start, 1_795_297_105_000_000)
    assert clock.epoch_us(start) == 1_795_297_105_000_000
    assert abs(clock.epoch_us(start + passed) - 1_795_297_105_000_000 - passed * 1e6) <= 2


def test_a_file_stamp_is_plain():
    assert file_stamp(1_795_297_105_000_000) == "20261121T213825Z"


def test_a_fast_clock_passes_its_seconds_in_one():
    clock = RunClock(100.0, 1_795_297_105_000_000, 3600)
    assert clock.epoch_us(100.0) == clock.start_us == 1_795_297_105_000_000
    assert clock.epoch_us(101.0) - clock.start_us == 3_600_000_000
