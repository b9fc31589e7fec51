"""Repeated work: something that a running server does beside its loop, in a thread, now and then.

Each round says in how many seconds the next one begins. A round that fails is told in the log and done again
after a while; nothing that it raises reaches the loop.
"""

import logging
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)


class RepeatedWork:
    """Rounds of one piece of work. `start` and `stop` belong to the loop's thread."""

    def __init__(self, reactor: Any, name: str, work: Callable[[], float], retry_s: float) -> None:
        """`name` begins the sentence "… failed"; `work` blocks and returns seconds."""
        self._reactor = reactor
        self._name = name
        self._work = work
        self._retry_s = retry_s
        self._timer: Any = None
        self.stopped = False

    def start(self, first_s: float) -> None:
        """Begin the first round in so many seconds."""
        self._timer = self._reactor.callLater(first_s, self._begin)

    def stop(self) -> None:
        """No further round; one that is going on learns of it by `stopped`."""
        self.stopped = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def _begin(self) -> None:
        from twisted.internet.threads import deferToThreadPool

        working = deferToThreadPool(self._reactor, self._reactor.getThreadPool(), self._work)
        working.addErrback(self._failed)
        working.addCallback(self._again)

    def _failed(self, failure: Any) -> float:
        log.error("%s failed: %s", self._name, failure.getErrorMessage())
        return self._retry_s

    def _again(self, delay_s: float) -> None:
        if not self.stopped:
            self.start(delay_s)
