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

from sqlalchemy import Connection

from operator_push.store.loading import highest_id
from operator_push.store.open_marks import new_mark, read_since, set_mark
from operator_push.store.since import OpenMark
from operator_push.store.writer_thread import WriterThread

log = logging.getLogger(__name__)

EVERY_S = 60.0
BEHIND_S = 300.0  # Ours: hundreds of times what lies between an id and its commit


class Marking:
    """The run of every minute: read by the store's reader, written by its writer. All methods belong to the
    loop's thread."""

    def __init__(
        self,
        reactor: Any,
        shard: int,
        threads: tuple[WriterThread, WriterThread],
        is_stalled: Callable[[], bool],
        highest: int,
    ) -> None:
        """`threads`: the reader and the writer. `highest`: the highest id of all rows at the start, before
        anything could be on its way."""
        self._reactor = reactor
        self._shard = shard
        self._reader, self._writer = threads
        self._is_stalled = is_stalled
        self._on_disk = deque([(reactor.seconds() - BEHIND_S, highest)])
        self._timer: Any = None
        self._stopped = False

    def start(self) -> None:
        """Mark for the first time in a minute."""
        if not self._stopped:
            self._timer = self._reactor.callLater(EVERY_S, self._run)

    def stop(self) -> None:
        """No further mark."""
        self._stopped = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def _run(self) -> None:
        if self._is_stalled():
            self._on_disk.clear()
            self.start()
            return
        now_s = self._reactor.seconds()
        above_id, shard = self._safe(now_s), self._shard

        def read(connection: Connection) -> tuple[OpenMark | None, int]:
            return new_mark(connection, shard, above_id), highest_id(
                connection, shard, read_since(connection, shard)
            )

        self._reader.submit(read, lambda found: self._found(found, now_s))

    def _safe(self, now_s: float) -> int:
        """The highest id below which nothing is on its way; 0 where none is known."""
        safe = 0
        while self._on_disk and self._on_disk[0][0] <= now_s - BEHIND_S:
            safe = self._on_disk.popleft()[1]
        return safe

    def _found(self, found: tuple[OpenMark | None, int] | BaseException, now_s: float) -> None:
        if self._stopped:
            return
        if isinstance(found, BaseException):
            self._written(found)
            return
        mark, highest = found
        self._on_disk.append((now_s, highest))
        if mark is None:
            self.start()
            return
        shard = self._shard
        self._writer.submit(lambda connection: set_mark(connection, shard, mark), self._written)

    def _written(self, outcome: BaseException | None) -> None:
        if outcome is not None:
            log.error("what is open could not be marked: %s", outcome)
        self.start()
