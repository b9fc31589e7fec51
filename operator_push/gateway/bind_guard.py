"""Bind guard: makes guessing of passwords slow, for the guesser alone.

Each (address, system_id) that has failed waits before its next try is looked at, twice as long after each
failure up to a limit; tries that come side by side wait in line, so that many connections guess no faster
than one. A right password ends it, and the same account from another address never waits.
Memory is bounded: a pair that is quiet is forgotten, and beyond `pairs_max` the one that failed longest ago.
No clock and no log here: moments are arguments (monotonic seconds), and what to log is told.
"""

from collections import OrderedDict

import msgspec

FIRST_DELAY_S = 0.5  # Ours: a person who mistyped does not feel it.
DELAY_MAX_S = 30.0  # Ours: about 3,000 guesses a day; above it a client's own time-out would strike.
FORGET_AFTER_S = 900.0
PAIRS_MAX = 10_000  # Ours: some two megabytes.


class _Failures(msgspec.Struct):
    count: int
    last_at: float
    free_at: float  # when the next try may be looked at


class BindGuard:
    """Failed binds by pair of address and system_id."""

    def __init__(self, pairs_max: int = PAIRS_MAX) -> None:
        self._pairs_max = pairs_max
        self._failures: OrderedDict[tuple[str, str], _Failures] = OrderedDict()

    def __len__(self) -> int:
        """How many pairs are remembered."""
        return len(self._failures)

    def wait_s(self, address: str, system_id: str, now: float) -> float | None:
        """Seconds until this try may be looked at; None where so many wait already that it is refused.

        Each call with an answer takes a place in the line of its pair.
        """
        failures = self._failures.get((address, system_id))
        if failures is None:
            return 0.0
        if now - failures.last_at > FORGET_AFTER_S:
            del self._failures[address, system_id]
            return 0.0
        delay_s = delay_after(failures.count)
        at = max(now, failures.free_at)
        if at - now > max(DELAY_MAX_S, delay_s):
            return None
        failures.free_at = at + delay_s
        return at - now

    def failed(self, address: str, system_id: str, now: float) -> int:
        """Count a failure; the number of them where this is a step worth a line in the log, otherwise 0.

        Steps are the failures 1, 2, 4, 8 …
        """
        pair = (address, system_id)
        failures = self._failures.get(pair)
        if failures is None:
            failures = self._failures[pair] = _Failures(0, now, now)
            if len(self._failures) > self._pairs_max:
                self._failures.popitem(last=False)
        failures.count += 1
        failures.last_at = now
        failures.free_at = max(failures.free_at, now + delay_after(failures.count))
        self._failures.move_to_end(pair)
        return failures.count if failures.count & (failures.count - 1) == 0 else 0

    def succeeded(self, address: str, system_id: str) -> None:
        """A right password: this pair starts anew."""
        self._failures.pop((address, system_id), None)


def delay_after(failures: int) -> float:
    """Seconds that the try after so many failures waits: 0.5, 1, 2 … 30."""
    return min(DELAY_MAX_S, FIRST_DELAY_S * 2.0 ** min(failures - 1, 16)) if failures else 0.0
