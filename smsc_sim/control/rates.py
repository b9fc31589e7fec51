"""Rates: the counters of the last minutes, once a second, so that a page that opens late still has a past.

Kept are sums since the start, never rates: whoever draws divides two samples by the time between them, and a
sample that came late under load does not lie.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any

SAMPLE_S = 1.0
SAMPLES_MAX = 900  # A quarter of an hour.
# What the page draws; the first are counted up, the last one is a level.
SERIES = ("submits_accepted", "submits_refused", "receipts_sent", "mo_sent", "open_messages")


class Rates:
    """The samples, oldest first."""

    def __init__(self) -> None:
        self._samples: deque[tuple[int, tuple[int, ...]]] = deque(maxlen=SAMPLES_MAX)

    def sample(self, t: int, counters: Mapping[str, int]) -> None:
        """Keep the counters of the moment `t` (µs since 1970)."""
        self._samples.append((t, tuple(counters.get(name, 0) for name in SERIES)))

    def since(self, t: int) -> dict[str, Any]:
        """`names` and the `samples` after `t`, each [t, value …] in the order of the names."""
        newer = [[at, *values] for at, values in self._samples if at > t]
        return {"names": SERIES, "samples": newer}
