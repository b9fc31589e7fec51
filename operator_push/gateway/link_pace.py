"""Link pace: how many segments may leave through a link now.

Three bounds: the window, the rate that the SMSC allows (segments per second), and, after the SMSC has said
ESME_RTHROTTLED or ESME_RMSGQFUL, a rate of our own that halves with each second in which it says so and grows
again by a tenth with each second in which it does not, until it is out of the way. A part of the window and
of the rate is kept for transactional messages, so that a one-time password does not wait until a campaign has
been answered. Moments are monotonic seconds and arguments.
"""

BURST_S = (
    0.2  # Ours: SMSCs count by the second, so what was not used in one second is not saved for the next.
)
URGENT_SHARE = 10  # Ours: a tenth of the window and of the rate.
URGENT_WINDOW_MIN = 4  # A window smaller than this is not divided.
SLOWEST_PER_S = 1.0  # Ours: slower, and a link would not notice that its SMSC has recovered.
STEP_S = 1.0
SLOWER, FASTER = 0.5, 1.1
WAIT_MIN_S = 0.01


class LinkPace:
    """The pace of one link. `limit_per_s` is our own bound after throttling, None while there is none."""

    def __init__(self, window: int, rate_per_s: float, now: float) -> None:
        """`rate_per_s` 0: the SMSC states no limit."""
        self._window = window
        self._reserve = window // URGENT_SHARE or int(window >= URGENT_WINDOW_MIN)
        self._rate = rate_per_s
        self._tokens = max(1.0, rate_per_s * BURST_S)
        self._filled_at = now
        self._step_at = now
        self._taken = 0
        self._seen_per_s = 0.0
        self._throttled_in_step = False
        self._before_per_s = 0.0
        self.limit_per_s: float | None = None

    @property
    def is_slowed(self) -> bool:
        """True while the SMSC's throttling bounds this link."""
        return self.limit_per_s is not None

    def resize(self, window: int, rate_per_s: float) -> None:
        """Another window or rate from now on."""
        self._window = window
        self._reserve = window // URGENT_SHARE or int(window >= URGENT_WINDOW_MIN)
        self._rate = rate_per_s

    def room(self, in_flight: int, now: float) -> tuple[int, int]:
        """(segments of any class, segments of the most urgent class) that may leave now; neither below 0."""
        if now - self._step_at >= STEP_S:
            self._step(now)
        free = max(0, self._window - in_flight)
        rate = self._bound()
        if not rate:
            return max(0, free - self._reserve), free
        self._fill(rate, now)
        ahead = max(1.0, rate / URGENT_SHARE)  # the urgent may use what comes next
        tokens, urgent = max(0, int(self._tokens)), max(0, int(self._tokens + ahead))
        return min(max(0, free - self._reserve), tokens), min(free, urgent)

    def take(self, segments: int) -> None:
        """Use up room."""
        self._taken += segments
        if self._bound():
            self._tokens -= segments

    def wait_s(self) -> float:
        """Seconds until the rate has room for the next segment; 0 where it has."""
        rate = self._bound()
        if not rate or self._tokens >= 1.0:
            return 0.0
        return max(WAIT_MIN_S, (1.0 - self._tokens) / rate)

    def throttled(self, now: float) -> bool:
        """The SMSC takes less than we send; True where that slowed the link down (once per second)."""
        if self._throttled_in_step:
            return False
        self._throttled_in_step = True
        seen = max(self._seen_per_s, self._taken / max(now - self._step_at, BURST_S))
        if self.limit_per_s is None:
            self._before_per_s = seen
        self.limit_per_s = max(SLOWEST_PER_S, SLOWER * (self.limit_per_s or seen or self._window))
        self._tokens = min(self._tokens, 0.0)
        self._filled_at = self._step_at = now
        self._taken = 0
        return True

    def _bound(self) -> float:
        if self.limit_per_s is None:
            return self._rate
        return min(self.limit_per_s, self._rate) if self._rate else self.limit_per_s

    def _fill(self, rate: float, now: float) -> None:
        most = max(1.0, rate * BURST_S)
        self._tokens = min(most, self._tokens + (now - self._filled_at) * rate)
        self._filled_at = now

    def _step(self, now: float) -> None:
        self._seen_per_s = self._taken / (now - self._step_at)
        self._taken, self._step_at = 0, now
        throttled, self._throttled_in_step = self._throttled_in_step, False
        if self.limit_per_s is None or throttled:
            return
        self.limit_per_s = max(self.limit_per_s * FASTER, self.limit_per_s + SLOWEST_PER_S)
        # Beyond the allowed rate, or twice what was sent when it began, the bound does nothing any more.
        if self.limit_per_s >= (self._rate or 2 * self._before_per_s):
            self.limit_per_s = None
