"""Visit telling: what happened to links goes to the running server, a batch at a time, in order.

A visit that the server has not taken yet is told again: the same one counts once. While no server answers,
visits wait, as many as WAITING_MAX; beyond that the oldest are lost, and the log says how many.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from operator_push.domain.link_visits import Visit
from operator_push.kernel.errors import OperatorPushError

log = logging.getLogger(__name__)

WAITING_MAX: Final = 100_000  # Ours: some 20 MB, minutes of a busy campaign
BATCH: Final = 500
EVERY_S: Final = 1.0

# Calls the server: ("short_link.visits", visits=[...]).
Call = Callable[..., dict[str, Any]]


class VisitTelling:
    """A thread that tells. `tell` may be called by any."""

    def __init__(self, call: Call, every_s: float = EVERY_S) -> None:
        self._call = call
        self._every_s = every_s
        self._waiting: deque[Visit] = deque()
        self._lock = threading.Lock()
        self._lost = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="visit-telling", daemon=True)

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def tell(self, visit: Visit) -> None:
        """Take one; returns at once."""
        with self._lock:
            self._waiting.append(visit)
            if len(self._waiting) > WAITING_MAX:
                self._waiting.popleft()
                self._lost += 1

    def stop(self) -> None:
        """Tell what waits, if the server takes it, and end."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._every_s):
            self._tell_all()
        self._tell_all()

    def _tell_all(self) -> None:
        while batch := self._next():
            try:
                self._call("short_link.visits", visits=[msgspec.to_builtins(visit) for visit in batch])
            except OperatorPushError as error:
                log.warning("visits of short links wait: %s", error)
                return
            with self._lock:
                for visit in batch:
                    if self._waiting and self._waiting[0] is visit:  # else it was lost meanwhile
                        self._waiting.popleft()

    def _next(self) -> Sequence[Visit]:
        with self._lock:
            if self._lost:
                log.error("%d visits of short links were lost: no server took them", self._lost)
                self._lost = 0
            return [self._waiting[place] for place in range(min(BATCH, len(self._waiting)))]
