"""Timetables: when an entry holds, for whom, and until when."""

import pytest

from operator_push.kernel.instants import parse_iso
from smsc_sim.scenario_handsets import Timetable
from smsc_sim.timetables import TimetableAtWork

START = parse_iso("2026-11-21T20:00:00Z")
SECOND = 1_000_000
NUMBER = "919876543210"


def entry(**fields):
    return TimetableAtWork(Timetable(state="off", **fields), 7, 0, START)


@pytest.mark.parametrize(("at_s", "holds"), [(9, False), (10, True), (19, True), (20, False)])
def test_a_span_of_the_run_ends_before_its_end(at_s, holds):
    assert entry(from_s=10, until_s=20).holds(NUMBER, START + at_s * SECOND) is holds


@pytest.mark.parametrize(
    ("moment", "holds", "until"),
    [
        ("2026-11-21T21:59:59Z", False, None),
        ("2026-11-21T22:00:00Z", True, "2026-11-22T06:00:00Z"),
        ("2026-11-22T05:59:59Z", True, "2026-11-22T06:00:00Z"),
        ("2026-11-22T06:00:00Z", False, None),
    ],
)
def test_a_time_of_day_may_run_over_midnight(moment, holds, until):
    nightly = entry(daily=("22:00", "06:00"))
    assert nightly.holds(NUMBER, parse_iso(moment)) is holds
    if until:
        assert nightly.until_us(parse_iso(moment)) == parse_iso(until)


def test_the_earlier_of_two_ends_counts():
    both = entry(daily=("20:00", "23:00"), until_s=3600)
    assert both.until_us(START) == START + 3600 * SECOND
    assert entry(daily=("20:00", "20:30"), until_s=3600).until_us(START) == START + 1800 * SECOND
    assert entry().until_us(START) is None


def test_a_share_of_the_numbers_like_a_pattern_and_always_the_same():
    some = entry(like="91987*", share=0.25)
    numbers = [f"91987{i:07d}" for i in range(8000)]
    chosen = [number for number in numbers if some.holds(number, START)]
    assert len(chosen) == pytest.approx(2000, rel=0.1)
    assert chosen == [number for number in numbers if some.holds(number, START + 5 * SECOND)]
    assert not any(some.holds(f"91986{i:07d}", START) for i in range(100))
