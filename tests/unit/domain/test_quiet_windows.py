"""Quiet windows on local clocks: the stated rule where clocks change, and a clock that is watched."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_push.domain.quiet_windows import next_allowed, parse_window, quiet_until
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import from_epoch_us, parse_iso, to_epoch_us

# Zone, window, moment, expected; worked out by hand from the zones' published changes.
CASES = [
    ("Europe/London", "21:00-08:00", "2027-01-15T22:10Z", "2027-01-16T08:00Z"),
    ("Europe/London", "21:00-08:00", "2027-01-15T20:59:59.999999Z", "2027-01-15T20:59:59.999999Z"),
    ("Europe/London", "21:00-08:00", "2027-01-15T21:00Z", "2027-01-16T08:00Z"),
    ("Europe/London", "21:00-08:00", "2027-01-16T08:00Z", "2027-01-16T08:00Z"),
    # 01:30 is read twice on 25 October 2026 (00:30Z and 01:30Z), never on 28 March 2027 (gap at 01:00Z).
    ("Europe/London", "21:00-01:30", "2026-10-25T00:10Z", "2026-10-25T01:30Z"),
    ("Europe/London", "21:00-01:30", "2026-10-25T00:45Z", "2026-10-25T01:30Z"),
    ("Europe/London", "21:00-01:30", "2027-03-28T00:10Z", "2027-03-28T01:00Z"),
    # A start that is read twice begins with the first; one in a gap with the first instant after it.
    ("Europe/London", "01:30-03:00", "2026-10-25T01:10Z", "2026-10-25T03:00Z"),
    ("Europe/London", "01:30-03:00", "2027-03-28T01:00Z", "2027-03-28T02:00Z"),
    ("Europe/London", "01:30-03:00", "2027-03-28T00:59Z", "2027-03-28T00:59Z"),
    # Half an hour of change: 02:00 is shown as 01:30 again at 15:00Z on 4 April 2026.
    ("Australia/Lord_Howe", "21:00-01:45", "2026-04-04T14:50Z", "2026-04-04T15:15Z"),
    # 30 December 2011 never came to Samoa: the clock went from the 29th to the 31st at 10:00Z.
    ("Pacific/Apia", "21:00-08:00", "2011-12-30T08:00Z", "2011-12-30T18:00Z"),
    # The change is at midnight: 00:00 to 01:00 do not exist in Havana on 14 March 2027.
    ("America/Havana", "21:00-00:30", "2027-03-14T03:00Z", "2027-03-14T05:00Z"),
    ("America/Havana", "21:00-24:00", "2027-03-14T03:00Z", "2027-03-14T05:00Z"),
    ("Asia/Kathmandu", "21:00-08:00", "2027-01-15T16:00Z", "2027-01-16T02:15Z"),
    ("Pacific/Kiritimati", "21:00-08:00", "2027-01-15T08:00Z", "2027-01-15T18:00Z"),
    ("America/St_Johns", "21:00-08:00", "2027-07-01T00:00Z", "2027-07-01T10:30Z"),
]
ZONES = (
    "Europe/London",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Havana",
    "America/Asuncion",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Asia/Beirut",
    "America/New_York",
    "Asia/Kolkata",
    "America/St_Johns",
)


@pytest.mark.parametrize(("zone", "window", "at", "expected"), CASES)
def test_the_first_allowed_moment(zone: str, window: str, at: str, expected: str) -> None:
    found = next_allowed([ZoneInfo(zone)], [parse_window(window)], parse_iso(at))
    assert from_epoch_us(found) == datetime.fromisoformat(expected)


def test_several_windows_and_several_zones_are_united() -> None:
    at = parse_iso("2027-01-15T22:10Z")
    windows = [parse_window("21:00-08:00"), parse_window("08:00-09:30")]
    assert from_epoch_us(next_allowed([ZoneInfo("Europe/London")], windows, at)).hour == 9
    zones = [ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")]
    # 08:00 in New York is 13:00Z, but in Los Angeles 08:00 is 16:00Z.
    night = parse_iso("2027-01-15T06:00Z")
    assert from_epoch_us(next_allowed(zones, [parse_window("21:00-08:00")], night)).hour == 16


def test_equal_ends_are_no_window_and_a_full_day_is_refused() -> None:
    at = parse_iso("2027-01-15T22:10Z")
    assert quiet_until([ZoneInfo("UTC")], [parse_window("08:00-08:00")], at) == 0
    with pytest.raises(OperatorError, match="leave no moment"):
        quiet_until([ZoneInfo("UTC")], [parse_window("00:00-24:00")], at)


@pytest.mark.parametrize(
    "text", ["", "21-08", "21:00", "25:00-08:00", "21:60-08:00", "24:00-08:00", "a:b-c:d"]
)
def test_a_text_that_is_no_window_is_refused(text: str) -> None:
    with pytest.raises(OperatorError, match="21:00-08:00"):
        parse_window(text)


def _shows_quiet(local: datetime, start: int, end: int) -> bool:
    minute = local.hour * 60 + local.minute
    return start <= minute < end if start < end else minute >= start or minute < end


@given(
    st.sampled_from(ZONES),
    st.integers(0, 95),
    st.integers(0, 95),
    st.datetimes(datetime(2011, 1, 1), datetime(2030, 1, 1)),
)
def test_whoever_watches_the_clock_finds_no_quiet_when_sending_and_no_longer_wait_than_the_rule_asks(
    zone_name: str, start_quarter: int, end_quarter: int, at: datetime
) -> None:
    """The clock is watched minute by minute. It must not show quiet when sending is allowed; and each minute
    that is waited must show quiet, or lie in a stretch in which the end was shown once and comes again."""
    if start_quarter == end_quarter:
        return
    zone, start, end = ZoneInfo(zone_name), start_quarter * 15, end_quarter * 15
    at_us = to_epoch_us(at.replace(second=0, microsecond=0, tzinfo=UTC))
    allowed = from_epoch_us(next_allowed([zone], [(start, end)], at_us))
    moment = from_epoch_us(at_us)
    assert not _shows_quiet(allowed.astimezone(zone), start, end)
    not_shown = 0
    while moment < allowed:
        not_shown += not _shows_quiet(moment.astimezone(zone), start, end)
        moment += timedelta(minutes=1)
    # The clock goes back by an hour at most (two at Troll): so long it may show an end that comes again.
    assert not_shown <= 120


@given(
    st.sampled_from(ZONES),
    st.integers(0, 95),
    st.integers(0, 95),
    st.integers(-1_500, 1_500),
    st.integers(2012, 2035),
    st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_a_clock_that_is_watched_for_days_says_the_same(
    zone_name: str, start_quarter: int, end_quarter: int, minutes: int, year: int, in_spring: bool
) -> None:
    """Near a change of the clock, by nothing but its readings: quiet begins where it first shows the start or
    something later, and ends where it shows the end for the last time, or else first something later."""
    if start_quarter == end_quarter:
        return
    zone, start, end = ZoneInfo(zone_name), start_quarter * 15, end_quarter * 15
    at = _change_of(zone, year, in_spring) + timedelta(minutes=minutes)
    began = at - timedelta(days=3)
    shown = [_wall(began + timedelta(minutes=minute), zone) for minute in range(6 * 1440)]
    quiet = [False] * len(shown)
    for days in range(6):
        day = datetime.combine(shown[0].date() + timedelta(days=days), datetime.min.time())
        last = day if end > start else day + timedelta(days=1)
        begins = _first(shown, day + timedelta(minutes=start))
        closing = last + timedelta(minutes=end)
        ends = len(shown) - shown[::-1].index(closing) - 1 if closing in shown else _first(shown, closing)
        quiet[begins:ends] = [True] * max(0, ends - begins)
    now = 3 * 1440
    expected = now + quiet[now:].index(False)
    found = next_allowed([zone], [(start, end)], to_epoch_us(at))
    assert from_epoch_us(found) == began + timedelta(minutes=expected)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _first(shown: list[datetime], wall: datetime) -> int:
    return next((place for place, each in enumerate(shown) if each >= wall), len(shown))


def _change_of(zone: ZoneInfo, year: int, in_spring: bool) -> datetime:
    """The hour of that half of the year in which the clock changes, its first where it does not."""
    begin = datetime(year, 1 if in_spring else 7, 1, tzinfo=UTC)
    hours = [begin + timedelta(hours=6 * quarter) for quarter in range(4 * 184)]
    offsets = [hour.astimezone(zone).utcoffset() for hour in hours]
    return next((hours[n] for n in range(1, len(hours)) if offsets[n] != offsets[n - 1]), begin)
