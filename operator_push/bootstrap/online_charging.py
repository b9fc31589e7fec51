"""Online charging in a running product: requests leave after their commit, in threads beside the loop.

The threads only ask and wait (services.ports.OnlineCharging); what is asked and what an answer means is
decided on the loop, by services.charge_online.
"""

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from operator_push.bootstrap.state import State
from operator_push.config import Settings
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.kernel.errors import ResourceError
from operator_push.kernel.meters import Meters
from operator_push.services.charge_online import ChargeOnline
from operator_push.services.charged_account import SliceTerms
from operator_push.services.manage_accounts import ManageAccounts
from operator_push.services.ports import ChargingRequest, OnlineCharging

log = logging.getLogger(__name__)

ASKING_MAX = 8  # Ours: how many accounts wait for an answer at the same time; the others wait their turn.


def slice_terms(settings: Settings) -> SliceTerms | None:
    """What [online_charging] says, None where it names no kind."""
    online = settings.online_charging
    if online.kind is None:
        return None
    return SliceTerms(
        online.slice_micros,
        online.refill_percent,
        online.failure_handling == "continue",
        online.offline_limit_micros,
        online.idle_s,
        online.denied_retry_s,
        online.resend_s,
    )


class OnlineChargingRun:
    """The use case with its threads. All methods belong to the loop's thread."""

    def __init__(
        self,
        reactor: Any,
        settings: Settings,
        state: State,
        committer: Committer,
        meters: Meters,
        is_connected: Callable[[int], bool],
    ) -> None:
        self._reactor = reactor
        self._committer = committer
        self._registry = state.registry
        self._port: OnlineCharging | None = None
        self._pool: Any = None
        self.charge = ChargeOnline(
            state.shard,
            state.ids,
            state.balances,
            state.registry,
            slice_terms(settings),
            settings.online_charging.origin_host or "",
            state.online,
            now_us(),
            meters,
            is_connected,
        )

    @property
    def idle(self) -> bool:
        """True where nobody waits for an answer and nothing is left to give back."""
        return self._port is None or self.charge.idle

    def watch(self, accounts: ManageAccounts) -> None:
        """Hear of accounts that are added or changed, and judge what they may be given."""
        accounts.on_changed.append(lambda account: self.charge.account_changed(account, now_us()))
        accounts.check_online = self.charge.check
        accounts.check_own_money = self.charge.check_own_money

    def start(self, port: OnlineCharging | None) -> None:
        """Ask from now on; None where nothing is configured."""
        from twisted.python.threadpool import ThreadPool

        self._port = port
        if port is None:
            if any(account.terms.online_charging for account in self._registry.accounts()):
                log.warning(
                    "accounts are charged online and [online_charging] names no kind: they have no money"
                )
            return
        self._pool = ThreadPool(0, ASKING_MAX, "online-charging")
        # Nobody may wait for an answer where the product ends at once.
        self._pool.threadFactory = partial(threading.Thread, daemon=True)
        self._pool.start()

    def tick(self) -> None:
        """Ask what is due; to be called often."""
        if self._port is None:
            return
        requests = self.charge.tick(now_us(), self._committer.changes)
        for request in requests:
            self._committer.promise(partial(self._send, request))
        if requests:
            self._committer.kick()

    def stop(self) -> None:
        """Give back what is not promised to a message, with the next ticks."""
        self.charge.stop()

    def close(self) -> Any:
        """Disconnect; a Deferred that fires when that is done."""
        from twisted.internet.defer import succeed
        from twisted.internet.threads import deferToThreadPool

        port, self._port = self._port, None
        if port is None:
            return succeed(None)
        closing = deferToThreadPool(self._reactor, self._reactor.getThreadPool(), port.close)
        closing.addErrback(lambda failure: log.warning("online charging: %s", failure.getErrorMessage()))
        # Whoever waited has its error by now, so that its thread ends.
        return closing.addCallback(lambda _: self._pool.stop())

    def _send(self, request: ChargingRequest) -> None:
        port = self._port
        if port is None:
            return

        def told(success: bool, result: Any) -> None:
            self._reactor.callFromThread(self._heard, request, result)

        self._pool.callInThreadWithCallback(told, port.ask, request)

    def _heard(self, request: ChargingRequest, result: Any) -> None:
        if self._port is None:
            return
        error = getattr(result, "value", None)
        if error is None:
            self.charge.answered(request, result, now_us(), self._committer.changes)
        else:
            if not isinstance(error, ResourceError):
                log.error("online charging failed: %s", result.getTraceback())
            self.charge.unanswered(request, str(error), now_us())
        self._committer.kick()
