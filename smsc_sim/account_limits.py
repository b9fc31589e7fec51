"""Account limits: window, rate and allowed sources of one account, each with the status that refuses."""

from operator_push.smpp.constants import CommandStatus
from smsc_sim.patterns import Patterns
from smsc_sim.scenario_accounts import Account


class AccountLimits:
    """What an account may do. `window` is None where the SMSC's own limit counts.

    The rate is a generic cell rate algorithm (ITU-T I.371): `burst` messages at once, then one per interval.
    """

    __slots__ = ("_interval_s", "_next_s", "_slack_s", "_sources", "bind_types", "is_limited", "window")

    def __init__(self, row: Account) -> None:
        self.bind_types = frozenset(row.bind_types)
        self.window = row.window
        self._sources = Patterns(row.allowed_sources) if row.allowed_sources else None
        rate = row.rate_per_s
        self._interval_s = 0.0 if rate is None else 1 / rate
        burst = row.burst if row.burst is not None else max(1, int(rate or 1))
        self._slack_s = (burst - 1) * self._interval_s
        self._next_s = 0.0
        self.is_limited = rate is not None or self._sources is not None

    def refusal(self, source_addr: str, now: float) -> CommandStatus | None:
        """The status that refuses one message now, or None; one that is let through uses its turn up."""
        if self._sources is not None and not self._sources.fits(source_addr):
            return CommandStatus.ESME_RINVSRCADR
        if self._interval_s:
            due = max(self._next_s, now)
            if due - now > self._slack_s + 1e-9:  # Sums of intervals miss by a little.
                return CommandStatus.ESME_RTHROTTLED
            self._next_s = due + self._interval_s
        return None
