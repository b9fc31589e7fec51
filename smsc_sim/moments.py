"""Moments of a run: monotonic seconds of the engine to microseconds since 1970, and those to ISO 8601 text.

One clock is read per chunk; facts (CDR, witness, receipts) are computed from it, so that they never run
backwards when somebody sets the machine's clock.
"""

from datetime import UTC, datetime

from operator_push.kernel.instants import MICROS_PER_SECOND, from_epoch_us

_SECONDS_KEPT = 4096
_MOMENTS_KEPT = 4096


class RunClock:
    """Epoch microseconds of the engine's `now`, fixed at the start of the run.

    `speed` is how many of the run's seconds pass in one of `now`.
    """

    __slots__ = ("_offset_us", "_per_second", "speed", "start_us")

    def __init__(self, now: float, epoch_us: int, speed: float = 1.0) -> None:
        self.speed = speed
        self.start_us = epoch_us
        self._per_second = MICROS_PER_SECOND * speed
        self._offset_us = epoch_us - int(now * self._per_second)

    def epoch_us(self, now: float) -> int:
        """Microseconds since 1970 at `now`."""
        return int(now * self._per_second) + self._offset_us


class IsoText:
    """ISO 8601 with microseconds and Z, as kernel.instants.iso writes it; texts are kept.

    Formatting a datetime costs 2 µs and a CDR row has two; a kept second costs 0.3 µs. All messages of a
    chunk or tick have one moment, and a kept moment costs 0.06 µs.
    """

    __slots__ = ("_moments", "_seconds")

    def __init__(self) -> None:
        self._seconds: dict[int, str] = {}
        self._moments: dict[int, str] = {}

    def text(self, epoch_us: int) -> str:
        """The moment as text, for example 2026-11-21T09:30:00.000125Z."""
        known = self._moments.get(epoch_us)
        if known is not None:
            return known
        if len(self._moments) >= _MOMENTS_KEPT:
            self._moments.clear()
        made = self._moments[epoch_us] = self._make(epoch_us)
        return made

    def _make(self, epoch_us: int) -> str:
        second, micros = divmod(epoch_us, MICROS_PER_SECOND)
        prefix = self._seconds.get(second)
        if prefix is None:
            if len(self._seconds) >= _SECONDS_KEPT:
                self._seconds.clear()
            prefix = self._seconds[second] = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{prefix}.{micros:06d}Z"


def file_stamp(epoch_us: int) -> str:
    """A moment as part of a file name: 20261121T093000Z."""
    return from_epoch_us(epoch_us).strftime("%Y%m%dT%H%M%SZ")
