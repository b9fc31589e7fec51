"""The time wheel: what is due later, in buckets of a millisecond.

Appending is a dictionary look-up and a list append; one heap entry is kept per bucket, not per event, so a
hundred thousand pending messages cost no logarithm each. Inside a bucket events keep the order in which they
were added. Times are monotonic seconds and arguments; an event is a bare tuple (function, arguments …).
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any

TICKS_PER_SECOND = 1000

# A function followed by its arguments; it is called with `now`, `t` (microseconds since 1970) and then those.
Event = tuple[Callable[..., None], *tuple[Any, ...]]


class TimeWheel:
    """Events by due time."""

    __slots__ = ("_buckets", "_count", "_ticks")

    def __init__(self) -> None:
        self._buckets: dict[int, list[Event]] = {}
        self._ticks: list[int] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, due: float, event: Event) -> None:
        """Keep an event until `due` (monotonic seconds); never early, at most a millisecond late."""
        tick = int(due * TICKS_PER_SECOND) + 1
        bucket = self._buckets.get(tick)
        if bucket is None:
            self._buckets[tick] = [event]
            heappush(self._ticks, tick)
        else:
            bucket.append(event)
        self._count += 1

    def take_due(self, now: float) -> list[Event]:
        """Remove and return everything that is due, oldest bucket first."""
        limit = int(now * TICKS_PER_SECOND)
        ticks = self._ticks
        due: list[Event] = []
        while ticks and ticks[0] <= limit:
            due += self._buckets.pop(heappop(ticks))
        self._count -= len(due)
        return due

    def take_all(self) -> list[Event]:
        """Remove and return everything, oldest bucket first: the end of a run."""
        due: list[Event] = []
        while self._ticks:
            due += self._buckets.pop(heappop(self._ticks))
        self._count = 0
        return due

    def next_due(self) -> float | None:
        """When the oldest bucket is due, or None when nothing waits."""
        return self._ticks[0] / TICKS_PER_SECOND if self._ticks else None
