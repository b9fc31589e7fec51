"""Rate windows: how often something happened under a key lately, with a bound on keys and on memory.

Law: whoever asks is told how long to wait. Moments are given; nothing here reads a clock.
"""

from collections import OrderedDict, deque

SECOND_US = 1_000_000


class RateWindow:
    """At most `most` events of one key within any `within_s` seconds.

    Remembers `keys_max` keys; where more come within one window, the one that was quiet longest is forgotten:
    who floods us with keys gains no more than the limits that stand beside this one allow.
    """

    def __init__(self, most: int, within_s: int, keys_max: int = 100_000) -> None:
        self.most = most
        self.within_us = within_s * SECOND_US
        self._keys_max = keys_max
        self._moments: OrderedDict[str, deque[int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._moments)

    def wait_s(self, key: str, now_us: int) -> int:
        """Seconds, rounded up, until `key` may be counted again; 0 where it may now."""
        moments = self._recent(key, now_us)
        if moments is None or len(moments) < self.most:
            return 0
        return -(-(moments[0] + self.within_us - now_us) // SECOND_US)

    def count(self, key: str, now_us: int) -> None:
        """Note that it happened."""
        moments = self._recent(key, now_us)
        if moments is None:
            moments = self._moments[key] = deque(maxlen=self.most)
            if len(self._moments) > self._keys_max:
                self._moments.popitem(last=False)
        moments.append(now_us)
        self._moments.move_to_end(key)

    def _recent(self, key: str, now_us: int) -> deque[int] | None:
        moments = self._moments.get(key)
        if moments is None:
            return None
        while moments and moments[0] + self.within_us <= now_us:
            moments.popleft()
        if not moments:
            del self._moments[key]
            return None
        return moments


class RateWindows:
    """Several windows over one kind of key: all must have room."""

    def __init__(self, *windows: RateWindow) -> None:
        self._windows = windows

    def wait_s(self, key: str, now_us: int) -> int:
        """The longest wait that one of them asks for; 0 for none."""
        return max(window.wait_s(key, now_us) for window in self._windows)

    def count(self, key: str, now_us: int) -> None:
        """Note that it happened, in each."""
        for window in self._windows:
            window.count(key, now_us)
