"""The clocks of the gateway: the wall clock, read once per chunk and handed on as an argument, and patience.

Facts, such as when something was accepted or what a validity period ends at, go by the wall clock as it is.
What waits for a stated time (a hold, a receipt for its ESME, a part of a long MO) is judged by patience, so
that a clock which is stepped forward gives nothing up early. Timers of binds are monotonic (smpp_twisted).
"""

import logging
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

STEP_US = 1_000_000  # Ours: a wall clock that moves so far against the monotonic one was stepped.


def now_us() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000


def _monotonic_us() -> int:
    return time.monotonic_ns() // 1000


class PatientClock:
    """The wall clock less the most that it has gained by steps since any earlier moment.

    A moment that was read from the wall clock is never further away by this clock than it truly is; where
    the clock was stepped it may be nearer, so that waiting takes longer by the step, never shorter. What was
    stepped while we did not run is not known.
    """

    def __init__(
        self, wall_us: Callable[[], int] = now_us, monotonic_us: Callable[[], int] = _monotonic_us
    ) -> None:
        self._wall_us = wall_us
        self._monotonic_us = monotonic_us
        self._lead_us = self._least_us = wall_us() - monotonic_us()

    def now_us(self) -> int:
        """Microseconds since 1970, to be compared with moments of the wall clock."""
        monotonic_us = self._monotonic_us()
        lead_us = self._wall_us() - monotonic_us
        stepped_us = lead_us - self._lead_us
        if abs(stepped_us) >= STEP_US:
            log.warning("the wall clock was stepped by %+.1f s", stepped_us / 1_000_000)
        self._lead_us = lead_us
        self._least_us = min(self._least_us, lead_us)
        return monotonic_us + self._least_us


patience = PatientClock()  # of this process
