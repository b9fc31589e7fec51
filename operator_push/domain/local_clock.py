"""A local clock: when quiet begins and ends on it, and which stretch of time is its calendar day.

One clock has one face per time zone: of a person whose zone is not known it has all zones of the country, and
then quiet on one face is quiet, and a day is the stretch that any face calls that day. Where clocks change,
`domain.quiet_windows` says what a window is. An answer holds for a whole stretch and is kept with it, so that
thousands of messages in an hour ask zoneinfo once; stretches are searched some days ahead and no further.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta, tzinfo

from operator_push.domain.packs.pack import LocalWindow
from operator_push.domain.quiet_windows import Window, instant_of
from operator_push.kernel.instants import MICROS_PER_DAY, from_epoch_us

# A window of the day before may still last, and a zone may skip a date; quiet that lasts to the far end (a
# row of holidays) is asked about again when that comes.
_DAYS_BACK, _DAYS_AHEAD = 3, 5

WindowsOn = Callable[[date], Iterable[Window]]  # the windows that begin on a local date
Face = tuple[tzinfo, WindowsOn]


class LocalClock:
    """The clock of some people; owned by one thread, since it keeps its last answers."""

    __slots__ = ("_certain", "_day", "_faces", "_from_us", "_quiet_until_us", "_until_us", "name")

    def __init__(self, name: str, faces: Sequence[Face]) -> None:
        """`name` says whose it is, for people."""
        self.name = name
        self._faces = tuple(faces)
        self._from_us = self._until_us = 0  # the stretch for which _quiet_until_us is the answer
        self._quiet_until_us = 0
        self._certain = (0, 0)
        self._day = (0, 0)

    def resting_also(self, windows: Sequence[LocalWindow]) -> "LocalClock":
        """The same clock with more windows."""

        def face(zone: tzinfo, windows_on: WindowsOn) -> Face:
            def united(day: date) -> Iterator[Window]:
                yield from windows_on(day)
                for window in windows:
                    if day.weekday() in window.weekdays:
                        yield window.start_minute, window.end_minute

            return zone, united

        return LocalClock(self.name, [face(*each) for each in self._faces])

    def quiet_until(self, at_us: int) -> int:
        """0 where sending is allowed at this moment, otherwise the first moment (µs) at which it is again."""
        if not self._from_us <= at_us < self._until_us:
            self._look(at_us)
        return self._quiet_until_us

    def day_span(self, at_us: int) -> tuple[int, int]:
        """[begin, end) in µs of the calendar day that holds this moment; on several faces, of all their days
        together, so that nothing is counted too seldom."""
        certain = self._certain
        if not certain[0] <= at_us < certain[1]:
            self._look_at_day(at_us)
        return self._day

    def _look(self, at_us: int) -> None:
        """Find the stretch, quiet or not, that holds this moment."""
        near = from_epoch_us(at_us)
        begins_us, ends_us = at_us - _DAYS_BACK * MICROS_PER_DAY, at_us + _DAYS_AHEAD * MICROS_PER_DAY
        allowed_from, allowed_until = begins_us, ends_us
        quiet = (0, 0)
        for begin, end in _united(sorted(self._stretches(near.date()))):
            if begin <= at_us < end:
                quiet = begin, end
            elif end <= at_us:
                allowed_from = max(allowed_from, end)
            else:
                allowed_until = min(allowed_until, begin)
        if quiet[1]:
            self._from_us, self._until_us = quiet
            self._quiet_until_us = quiet[1]
        else:
            self._from_us, self._until_us, self._quiet_until_us = allowed_from, allowed_until, 0

    def _stretches(self, today: date) -> Iterator[tuple[int, int]]:
        days = [today + timedelta(days=days) for days in range(-_DAYS_BACK, _DAYS_AHEAD + 2)]
        for zone, windows_on in self._faces:
            for day in days:
                for start, end in windows_on(day):
                    if start == end:
                        continue
                    last = day if end > start else day + timedelta(days=1)
                    begin_us = instant_of(zone, day, start, latest=False)
                    end_us = instant_of(zone, last, end, latest=True)
                    if begin_us < end_us:
                        yield begin_us, end_us

    def _look_at_day(self, at_us: int) -> None:
        spans, certain = [], []
        for zone, _ in self._faces:
            today = from_epoch_us(at_us).astimezone(zone).date()
            tomorrow = today + timedelta(days=1)
            midnights = [(day, late) for day in (today, tomorrow) for late in (False, True)]
            begin, begun, ending, end = (instant_of(zone, day, 0, latest=late) for day, late in midnights)
            spans.append((begin, end))
            certain.append((begun, ending))
        self._day = min(begin for begin, _ in spans), max(end for _, end in spans)
        # Where midnight is read twice, the hour between belongs to two days and is looked at anew each time.
        self._certain = max(begun for begun, _ in certain), min(ending for _, ending in certain)


def _united(stretches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Stretches in order of their beginnings, those that meet as one."""
    begin = end = 0
    for next_begin, next_end in stretches:
        if next_begin > end:
            if end:
                yield begin, end
            begin, end = next_begin, next_end
        else:
            end = max(end, next_end)
    if end:
        yield begin, end


def every_day(windows: Sequence[Window]) -> WindowsOn:
    """The same windows on every date."""
    same = tuple(windows)
    return lambda day: same
