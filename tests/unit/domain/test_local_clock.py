"""Local clocks: kept answers are those of a clock that is looked at anew each time."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quiet_clocks import clock_with

from operator_push.domain.local_clock import LocalClock, every_day
from operator_push.domain.quiet_windows import quiet_until
from operator_push.kernel.instants import MICROS_PER_DAY, from_epoch_us, parse_iso, to_epoch_us

MINUTE = 60_000_000
ZONES = ("Europe/London", "America/Havana", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu")
MOMENTS = st.integers(parse_iso("2026-01-01T00:00Z"), parse_iso("2028-01-01T00:00Z"))
MINUTES = st.integers(0, 1439)


@given(
    st.sampled_from(ZONES),
    st.lists(
        st.tuples(MINUTES, MINUTES).filter(lambda w: (w[1] - w[0]) % 1440 < 700), min_size=1, max_size=2
    ),
    st.lists(MOMENTS, min_size=1, max_size=4),
    st.lists(st.integers(-MICROS_PER_DAY, MICROS_PER_DAY), max_size=4),
)
def test_kept_answers_are_those_found_anew(
    zone: str, windows: list[tuple[int, int]], moments: list[int], steps: list[int]
) -> None:
    clock = LocalClock(zone, [(ZoneInfo(zone), every_day(windows))])
    for at_us in [*moments, *(moments[0] + step for step in steps)]:
        assert clock.quiet_until(at_us) == quiet_until([ZoneInfo(zone)], windows, at_us)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-10-25T00:10Z", "2026-10-25T01:30Z"),  # 01:30 is read twice: the later time counts
        ("2027-03-28T00:10Z", "2027-03-28T01:00Z"),  # 01:30 is never read: the first instant after the gap
    ],
)
def test_an_end_where_clocks_change(at: str, until: str) -> None:
    assert clock_with("21:00-01:30", zone="Europe/London").quiet_until(parse_iso(at)) == parse_iso(until)


def test_quiet_on_one_face_is_quiet() -> None:
    faces = [
        (ZoneInfo(zone), every_day([(21 * 60, 8 * 60)])) for zone in ("America/New_York", "America/Denver")
    ]
    clock = LocalClock("US", faces)
    # 21:00 in New York is 02:00Z, 08:00 in Denver 15:00Z.
    assert clock.quiet_until(parse_iso("2027-01-15T02:00Z")) == parse_iso("2027-01-15T15:00Z")
    assert not clock.quiet_until(parse_iso("2027-01-15T15:00Z"))
    assert not clock.quiet_until(parse_iso("2027-01-15T01:59:59Z"))


def test_windows_of_single_dates_and_quiet_without_a_near_end() -> None:
    sundays = LocalClock("", [(UTC, lambda day: [(0, 1440)] if day.weekday() == 6 else [])])
    saturday = parse_iso("2027-01-16T12:00Z")
    assert not sundays.quiet_until(saturday)
    assert sundays.quiet_until(saturday + MICROS_PER_DAY) == parse_iso("2027-01-18T00:00Z")
    never = LocalClock("", [(UTC, every_day([(0, 1440)]))])
    assert never.quiet_until(saturday) > saturday + 4 * MICROS_PER_DAY, "asked again when that comes"


@given(st.sampled_from(ZONES), MOMENTS, st.integers(0, 3 * MICROS_PER_DAY))
def test_the_day_holds_its_moment_and_begins_at_its_first_midnight(zone: str, first: int, step: int) -> None:
    clock, tz = clock_with(zone=zone), ZoneInfo(zone)
    for at_us in (first, first + step, first):
        begin, end = clock.day_span(at_us)
        today = from_epoch_us(at_us).astimezone(tz).date()
        assert begin <= at_us < end
        assert from_epoch_us(begin).astimezone(tz).date() == today
        assert from_epoch_us(end).astimezone(tz).date() == today + timedelta(days=1)
        assert from_epoch_us(begin - MINUTE).astimezone(tz).date() == today - timedelta(days=1)


def test_the_day_of_several_faces_is_all_their_days() -> None:
    faces = [(ZoneInfo(zone), every_day(())) for zone in ("America/New_York", "America/Los_Angeles")]
    begin, end = LocalClock("US", faces).day_span(parse_iso("2027-01-15T18:00Z"))
    assert (begin, end) == (parse_iso("2027-01-15T05:00Z"), parse_iso("2027-01-16T08:00Z"))


def test_a_midnight_that_is_read_twice_is_of_both_days() -> None:
    """Havana went from 01:00 back to 00:00 on 1 November 2026; the hour before is the same date again."""
    clock, tz = clock_with(zone="America/Havana"), ZoneInfo("America/Havana")
    second = to_epoch_us(datetime(2026, 11, 1, 0, 30, tzinfo=tz, fold=1))
    begin, end = clock.day_span(second)
    assert from_epoch_us(begin).astimezone(tz) == datetime(2026, 11, 1, 0, 0, tzinfo=tz)
    assert end - begin == 25 * 60 * MINUTE
    assert clock.day_span(second - 2 * 60 * MINUTE)[1] >= begin
    assert date(2026, 11, 1) == from_epoch_us(second).astimezone(tz).date()
