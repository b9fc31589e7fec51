"""Meters: plain counters and gauges by name, read by whoever draws or exports them.

No lock: one meter set belongs to one thread. Names are field terms joined by dots ("submit_sm.accepted").
"""

from collections.abc import Iterator


class Meters:
    """Counters that only grow and gauges that are set."""

    __slots__ = ("_counters", "_gauges")

    def __init__(self) -> None:
        self._counters: dict[str, int] = {}
        self._gauges: dict[str, float] = {}

    def count(self, name: str, by: int = 1) -> None:
        """Add `by` to a counter, which starts at 0."""
        self._counters[name] = self._counters.get(name, 0) + by

    def gauge(self, name: str, value: float) -> None:
        """Set a gauge."""
        self._gauges[name] = value

    def value(self, name: str) -> int:
        """The counter's value, 0 where nothing was counted."""
        return self._counters.get(name, 0)

    def __iter__(self) -> Iterator[tuple[str, float]]:
        yield from sorted((self._counters | self._gauges).items())

    def snapshot(self) -> dict[str, float]:
        """All counters and gauges by name."""
        return dict(self)
