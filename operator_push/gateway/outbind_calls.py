"""Outbind calls: an ESME that is owed something and does not listen is called, where its account says so.

SMPP v3.4 section 2.2.1: we open a stream to the ESME and send outbind; it answers with bind_receiver (or
bind_transceiver) on that stream, or binds anew by itself, and is then a bind like any other: the same
password, the same terms. One call at a time per account; after a call that brought no bind the next one waits
longer, up to a limit.
No sockets here: `place_call` opens the stream (smpp_twisted.outbind).
"""

import logging
from collections.abc import Callable
from random import Random

import msgspec

from operator_push.gateway.esme_deliveries import EsmeDeliveries
from operator_push.kernel.meters import Meters
from operator_push.services.registry import Account, Registry
from operator_push.smpp_twisted.connector import ReconnectSettings, reconnect_wait_s
from operator_push.smpp_twisted.shapes import DelayedCall

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
WAITS = ReconnectSettings(min_s=5.0, max_s=300.0)

# Opens a stream to host:port and sends outbind with the password; told (was it bound, why it ended) once.
PlaceCall = Callable[[str, int, str, Callable[[bool, str], None]], None]


class _Calls(msgspec.Struct):
    failures: int = 0
    not_before: float = 0.0
    under_way: bool = False


class OutbindCalls:
    """Looks now and then for accounts that are to be called."""

    def __init__(
        self,
        registry: Registry,
        deliveries: EsmeDeliveries,
        place_call: PlaceCall,
        call_later: Callable[[float, Callable[[], None]], DelayedCall],
        monotonic: Callable[[], float],
        chance: Random,
        meters: Meters,
    ) -> None:
        self._registry = registry
        self._deliveries = deliveries
        self._place_call = place_call
        self._call_later = call_later
        self._monotonic = monotonic
        self._chance = chance
        self._meters = meters
        self._calls: dict[int, _Calls] = {}
        self._next_look: DelayedCall | None = None

    def start(self) -> None:
        """Look now, and again every second until `stop`."""
        self.look()
        self._next_look = self._call_later(LOOK_EVERY_S, self.start)

    def stop(self) -> None:
        """Call nobody any more."""
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None

    def look(self) -> None:
        """Call every account that is owed something, has no bind that receives, and wants to be called."""
        now = self._monotonic()
        for account in self._registry.accounts():
            if account.terms.outbind_to is None or not account.active:
                continue
            number = account.account_no
            if self._deliveries.receivers_of(number) or not self._deliveries.owed_to(number):
                continue
            calls = self._calls.setdefault(number, _Calls())
            if not calls.under_way and now >= calls.not_before:
                self._call(account, calls)

    def _call(self, account: Account, calls: _Calls) -> None:
        host, _, port = str(account.terms.outbind_to).rpartition(":")
        calls.under_way = True
        self._meters.count("outbind.sent")

        def ended(was_bound: bool, reason: str) -> None:
            calls.under_way = False
            calls.failures = 0 if was_bound else calls.failures + 1
            wait_s = reconnect_wait_s(WAITS, max(1, calls.failures), self._chance.random())
            calls.not_before = self._monotonic() + wait_s
            if not was_bound:
                log.warning(
                    "outbind to esme %s brought no bind (%s); next try in %.0f s",
                    account.name,
                    reason,
                    wait_s,
                )

        self._place_call(host.strip("[]"), int(port), account.terms.outbind_password or "", ended)
