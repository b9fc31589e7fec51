"""Grant ends: which grants end next, for millions of them, to the microsecond.

Ends lie in one array an hour, eight octets each, in no order; only the hours that have begun are spread out
in order of the exact moment, so an hour's worth is sorted when it comes.
"""

import heapq
from array import array
from collections.abc import Callable, Iterator

HOUR_US = 3_600_000_000
NEVER_US = (1 << 63) - 1
_NUMBER_BITS = 32
_NUMBER_MASK = (1 << _NUMBER_BITS) - 1


class GrantEnds:
    """When grants end, by the place (a small number of the caller's) and the subscriber number."""

    __slots__ = ("_begun", "_hours", "_later", "_until_hour", "next_us")

    def __init__(self) -> None:
        self._later: dict[int, array[int]] = {}  # by hour: place and number in one integer
        self._hours: list[int] = []  # heap of the keys of _later
        self._begun: list[tuple[int, int, int]] = []  # heap of (end_us, place, number)
        self._until_hour = 0  # hours below it are in _begun
        self.next_us = NEVER_US  # nothing ends before this moment

    def note(self, place: int, number: int, end_us: int) -> None:
        """A grant ends at `end_us`. Where its end moves, note the new one: `due` asks which one holds."""
        hour = end_us // HOUR_US
        if hour < self._until_hour:
            heapq.heappush(self._begun, (end_us, place, number))
        else:
            ends = self._later.get(hour)
            if ends is None:
                ends = self._later[hour] = array("Q")
                heapq.heappush(self._hours, hour)
            ends.append(place << _NUMBER_BITS | number)
            end_us = hour * HOUR_US
        self.next_us = min(self.next_us, end_us)

    def due(self, now_us: int, end_of: Callable[[int, int], int]) -> Iterator[tuple[int, int]]:
        """(place, number) of every grant whose end is reached; `end_of(place, number)` the end that holds.

        Ends that were noted and hold no more are dropped on the way.
        """
        while self.next_us <= now_us:
            while self._hours and self._hours[0] * HOUR_US <= now_us:
                hour = heapq.heappop(self._hours)
                self._until_hour = hour + 1
                for packed in self._later.pop(hour):
                    place, number = packed >> _NUMBER_BITS, packed & _NUMBER_MASK
                    end_us = end_of(place, number)
                    if end_us // HOUR_US == hour:
                        heapq.heappush(self._begun, (end_us, place, number))
            while self._begun and self._begun[0][0] <= now_us:
                end_us, place, number = heapq.heappop(self._begun)
                if end_of(place, number) == end_us:
                    yield place, number
            self.next_us = min(
                self._begun[0][0] if self._begun else NEVER_US,
                self._hours[0] * HOUR_US if self._hours else NEVER_US,
            )
