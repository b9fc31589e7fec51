"""Timers: the deadlines of one bind (SMPP v3.4 section 2.9 names them), as arithmetic on monotonic seconds.

Laws: a timer is a number to compare with; 0 in the settings switches it off. A peer is silent only if
nothing at all was heard since we asked: an enquire_link_resp may be queued behind other PDUs.
Not here: the response timer, which goes by the oldest request (window.py).
"""


class Timers:
    """When the session must bind, ask, or give up."""

    __slots__ = ("_asked_at", "_bind_by", "_enquire_link_s", "_heard_at", "_response_timeout_s")

    def __init__(
        self, now: float, *, bind_timeout_s: float, enquire_link_s: float, response_timeout_s: float
    ) -> None:
        self._bind_by: float | None = now + bind_timeout_s if bind_timeout_s else None
        self._enquire_link_s = enquire_link_s
        self._response_timeout_s = response_timeout_s
        self._heard_at = now
        self._asked_at: float | None = None

    def heard(self, now: float) -> None:
        """Octets came from the peer."""
        self._heard_at = now
        self._asked_at = None

    def bound(self) -> None:
        """The bind timer has done its work."""
        self._bind_by = None

    def asked(self, now: float) -> None:
        """We sent an enquire_link."""
        self._asked_at = now

    def bind_is_late(self, now: float) -> bool:
        """True once the time to bind is over."""
        return self._bind_by is not None and now >= self._bind_by

    def ask_is_due(self, now: float) -> bool:
        """True where the link has been idle long enough and no question is open."""
        if not self._enquire_link_s or self._asked_at is not None:
            return False
        return now >= self._heard_at + self._enquire_link_s

    def peer_is_silent(self, now: float) -> bool:
        """True where our question has been open for the response time-out and nothing was heard."""
        if self._asked_at is None or not self._response_timeout_s:
            return False
        return now >= self._asked_at + self._response_timeout_s

    def silent_s(self, now: float) -> float:
        """How long nothing has been heard."""
        return now - self._heard_at

    def next_deadline(self, *, is_bound: bool) -> float | None:
        """The earliest moment at which one of these will be true."""
        if not is_bound:
            return self._bind_by
        if self._asked_at is not None:
            return self._asked_at + self._response_timeout_s if self._response_timeout_s else None
        return self._heard_at + self._enquire_link_s if self._enquire_link_s else None
