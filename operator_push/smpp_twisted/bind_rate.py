"""Bind rate: how often one SMSC may be knocked at, over all links to it.

An SMSC that takes streams and refuses binds, or that drops every bind at once, would otherwise be knocked at
as fast as the shortest wait of each link allows. Moments are monotonic seconds and arguments.
"""

from collections import deque

MINUTE_S = 60.0


class BindRate:
    """At most `per_minute` tries in any 60 seconds."""

    def __init__(self, per_minute: int) -> None:
        self._tries: deque[float] = deque(maxlen=per_minute)

    def wait_s(self, now: float) -> float:
        """0.0 where a try may be made now, which is then counted; otherwise the seconds until one may."""
        tries = self._tries
        if len(tries) == tries.maxlen and now - tries[0] < MINUTE_S:
            return MINUTE_S - (now - tries[0])
        tries.append(now)
        return 0.0
