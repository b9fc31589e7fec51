"""Marking while the server runs: once a minute, what is open is written down, so that a start is short.

A mark may leave out ids only below which nothing is still to be committed. An id is taken when something
arrives and its row is committed moments later, at the latest when an online charging system has answered;
so the highest id that was on disk `BEHIND_S` ago is safe, and that is told by this process's own clock. While
the store takes no commit nothing is concluded.

Not here: what a mark holds (store.open_marks). The settled days move with the retention.
"""

import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from operator_push.config import Settings

log = logging.getLogger(__name__)

EVERY_S = 60.0
BEHIND_S = 300.0  # Ours: hundreds of times what lies between an id and its commit


class Marking:
    """The run of every minute. All methods belong to the loop's thread."""

    def __init__(
        self, reactor: Any, settings: Settings, is_stalled: Callable[[], bool], highest_id: int
    ) -> None:
        """`highest_id`: of all rows at the start, before anything could be on its way."""
        self._reactor = reactor
        self._settings = settings
        self._is_stalled = is_stalled
        self._on_disk = deque([(reactor.seconds() - BEHIND_S, highest_id)])
        self._timer: Any = None

    def start(self) -> None:
        """Mark for the first time in a minute."""
        self._timer = self._reactor.callLater(EVERY_S, self._run)

    def stop(self) -> None:
        """No further mark."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def _run(self) -> None:
        from twisted.internet.threads import deferToThreadPool

        self._timer = None
        if self._is_stalled():
            self._on_disk.clear()
            self.start()
            return
        now_s = self._reactor.seconds()
        marking = deferToThreadPool(
            self._reactor, self._reactor.getThreadPool(), self._mark, self._safe(now_s)
        )
        marking.addCallback(lambda highest_id: self._on_disk.append((now_s, highest_id)))
        marking.addErrback(lambda failure: log.error("marking failed: %s", failure.getErrorMessage()))
        marking.addCallback(lambda _: self.start())

    def _safe(self, now_s: float) -> int:
        """The highest id below which nothing is on its way; 0 where none is known."""
        safe = 0
        while self._on_disk and self._on_disk[0][0] <= now_s - BEHIND_S:
            safe = self._on_disk.popleft()[1]
        return safe

    def _mark(self, above_id: int) -> int:
        """In a thread: mark, and read the highest id that is on disk now."""
        from operator_push.store.database import Database
        from operator_push.store.loading import highest_id
        from operator_push.store.open_marks import mark_open, read_since

        shard = self._settings.shard
        database = Database.open(self._settings.database_url)
        try:
            mark_open(database, shard, above_id)
            return database.read(
                lambda connection: highest_id(connection, shard, read_since(connection, shard))
            )
        finally:
            database.close()
