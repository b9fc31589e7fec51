"""Quiet windows on a local clock with daylight saving: whether a moment is quiet, and when quiet ends.

A window is a pair of local minutes of the day [start, end); its end lies on the next date where it is not
after its start; equal ends are no window. On each local date it is one stretch of time, from the instant at
which its start is first read on the clock until the instant at which its end is read for the last time: an
end that occurs twice counts at its later occurrence, a start that occurs twice at its earlier one, and
whichever falls into a gap counts at the first instant after the gap. So whoever looks at that clock at any
moment of quiet finds it quiet, and in case of doubt nothing is sent. Stretches of several windows, dates and
zones are united.

Pure: zones are values of `zoneinfo`, moments microseconds since 1970.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_SECOND, from_epoch_us, to_epoch_us

MINUTES_PER_DAY = 1440
Window = tuple[int, int]
# The date before also counts: a window of yesterday may end today; and zones may skip a whole date.
_DAYS_BACK, _DAYS_AHEAD = 3, 2
# Ours: united windows that have not ended after so many stretches never end (02:00-01:00 and 00:00-03:00).
_STRETCHES_MAX = 64


def parse_window(text: str) -> Window:
    """The window of a text such as 21:00-08:00; 24:00 may stand for the end of the day.

    Raises:
        OperatorError: it is not of this form.
    """
    start, dash, end = text.partition("-")
    try:
        if not dash:
            raise ValueError
        return _minute(start, MINUTES_PER_DAY - 1), _minute(end, MINUTES_PER_DAY)
    except ValueError:
        raise OperatorError(
            f"{text!r} is not a quiet window such as 21:00-08:00 (00:00 to 23:59, the end up to 24:00)"
        ) from None


def _minute(text: str, largest: int) -> int:
    hours, _, minutes = text.strip().partition(":")
    if not (len(hours) == len(minutes) == 2 and (hours + minutes).isdecimal() and int(minutes) < 60):
        raise ValueError
    minute = int(hours) * 60 + int(minutes)
    if minute > largest:
        raise ValueError
    return minute


def quiet_until(zones: Iterable[tzinfo], windows: Sequence[Window], at_us: int) -> int:
    """0 where nobody on these clocks has quiet at this moment, otherwise the first moment (µs) of none.

    Several zones are one question: quiet in one of them is quiet.

    Raises:
        OperatorError: the windows leave no moment of any day.
    """
    clocks = tuple(zones)
    moment = at_us
    for _ in range(_STRETCHES_MAX):
        end = max((_stretch_end(zone, window, moment) for zone in clocks for window in windows), default=0)
        if not end:
            return 0 if moment == at_us else moment
        moment = end
    raise OperatorError("these quiet windows together leave no moment of the day; shorten one of them")


def next_allowed(zones: Iterable[tzinfo], windows: Sequence[Window], at_us: int) -> int:
    """The first moment at or after `at_us` that is quiet on none of the clocks; errors as `quiet_until`."""
    return quiet_until(zones, windows, at_us) or at_us


def _stretch_end(zone: tzinfo, window: Window, at_us: int) -> int:
    """The latest end of the stretches of one window that hold this moment, 0 where none does."""
    start, end = window
    if start == end:
        return 0
    today = from_epoch_us(at_us).astimezone(zone).date()
    found = 0
    for days in range(-_DAYS_BACK, _DAYS_AHEAD):
        day = today + timedelta(days=days)
        begins = instant_of(zone, day, start, latest=False)
        if begins > at_us:
            continue
        ends = instant_of(zone, day if end > start else day + timedelta(days=1), end, latest=True)
        if at_us < ends:
            found = max(found, ends)
    return found


def instant_of(zone: tzinfo, day: date, minute: int, *, latest: bool) -> int:
    """The moment at which a clock shows this minute of this date, its earliest or latest; after a gap where
    it never does."""
    if minute == MINUTES_PER_DAY:
        day, minute = day + timedelta(days=1), 0
    wall = datetime.combine(day, time(minute // 60, minute % 60))
    early = to_epoch_us(wall.replace(tzinfo=zone, fold=0))
    late = to_epoch_us(wall.replace(tzinfo=zone, fold=1))
    if early <= late:
        return late if latest else early
    # A gap (PEP 495): the two readings use the offsets from before and after it, in reverse order of time.
    return _first_after_gap(zone, late, early)


def _first_after_gap(zone: tzinfo, before_us: int, after_us: int) -> int:
    """The moment between the two at which the offset changes; both are whole seconds."""
    low, high = before_us // MICROS_PER_SECOND, after_us // MICROS_PER_SECOND
    old = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, middle) == old:
            low = middle
        else:
            high = middle
    return high * MICROS_PER_SECOND


def _offset(zone: tzinfo, at_s: int) -> timedelta | None:
    return from_epoch_us(at_s * MICROS_PER_SECOND).astimezone(zone).utcoffset()
