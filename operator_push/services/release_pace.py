"""Release pace: promotional messages that waited for a moment leave at most so many a second.

When quiet hours end, a night's messages are due at one instant. One pace is shared by all links; those due
first go first, then those accepted first. Whoever waits beyond the end of its validity expires; quiet hours
that begin meanwhile hold back the rest again.
"""

SECOND_US = 1_000_000
BURST_US = SECOND_US // 5  # Ours: the product looks every 0.2 s at least, and catches up what fell between.


class ReleasePace:
    """Turns of equal length; `per_second` 0: no pace."""

    __slots__ = ("_next_us", "_turn_us")

    def __init__(self, per_second: int = 0) -> None:
        self._turn_us = SECOND_US / per_second if per_second else 0.0
        self._next_us = 0.0

    def take(self, now_us: int) -> bool:
        """True where one more may go now, which uses its turn."""
        turn_us = self._turn_us
        if not turn_us:
            return True
        next_us = max(self._next_us, now_us - BURST_US)
        if next_us > now_us:
            return False
        self._next_us = next_us + turn_us
        return True
