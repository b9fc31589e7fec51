"""The ESME face: the parts that decide who may bind, made from the settings and a loaded state."""

import logging
import time
from collections.abc import Callable
from typing import Any

from twisted.internet.threads import deferToThreadPool

from operator_push.bootstrap.state import State
from operator_push.config import Settings
from operator_push.gateway.bind_guard import BindGuard
from operator_push.gateway.committer import Committer
from operator_push.gateway.esme_binds import EsmeBinds
from operator_push.gateway.esme_deliveries import EsmeDeliveries
from operator_push.gateway.passwords import verify_password
from operator_push.kernel.meters import Meters

log = logging.getLogger(__name__)


def esme_binds(
    reactor: Any, settings: Settings, state: State, deliveries: EsmeDeliveries, meters: Meters
) -> EsmeBinds:
    """The binds of the listener; passwords are verified in the reactor's threads."""
    threads = reactor.getThreadPool()
    return EsmeBinds(
        settings.smpp_server.system_id,
        state.registry,
        deliveries,
        lambda password, hashed, told: off_loop(
            reactor, threads, told, False, verify_password, password, hashed
        ),
        meters,
        time.monotonic,
        reactor.callLater,
        BindGuard(),
    )


def esme_deliveries(
    reactor: Any, settings: Settings, state: State, committer: Committer, meters: Meters
) -> EsmeDeliveries:
    """What is owed to ESMEs as receipts and MO."""
    return EsmeDeliveries(
        state.shard,
        state.ids,
        committer,
        reactor.callLater,
        time.monotonic,
        meters,
        settings.limits.delivery_lifetime_s,
        settings.smpp_server.delivery_dispositions,
    )


def off_loop(
    reactor: Any, threads: Any, told: Callable[[Any], None], if_failed: Any, work: Any, *args: Any
) -> None:
    """Run `work` in a thread and tell its result on the loop; `if_failed` where it raised, never nothing."""

    def failed(failure: Any) -> Any:
        log.error("%s failed: %s", work.__name__, failure.getErrorMessage())
        return if_failed

    deferToThreadPool(reactor, threads, work, *args).addErrback(failed).addCallback(told).addErrback(
        lambda failure: log.error("after %s: %s", work.__name__, failure.getErrorMessage())
    )
