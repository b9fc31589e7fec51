"""Receipts of others: what came over the binds of other servers and may be of our messages.

Where several servers share a store, each now and then reads the receipts that belonged to nothing where they
came (store.stray_rows) and applies those of its own messages. Laws: every server reads each once, in the
order of commits; nobody puts one aside again. With one server nothing is read but whether there are others.
"""

import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from operator_push.domain.message import MessageState
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.kernel.ids import first_id_at
from operator_push.kernel.instants import MICROS_PER_SECOND
from operator_push.services.match_receipts import Receipt
from operator_push.services.record_receipts import RecordReceipts
from operator_push.store.stray_rows import Stray, other_shards, strays_since
from operator_push.store.writer_thread import WriterThread

log = logging.getLogger(__name__)

ALONE_S = 5.0  # Ours: how often to look whether there are other servers.
EVERY_S = 2.0  # Ours: how late a receipt may be that came to another server.
AT_ONCE = 2_000  # Ours: strays of one shard that are read together; more follow at once.
MORE_S = 0.05
SKEW_US = 600 * MICROS_PER_SECOND  # Ours: how far the clocks of two servers may be apart.


class ReceiptsOfOthers:
    """One shard's. `since_us`: nothing older can be of an open message. All methods belong to the loop."""

    def __init__(
        self,
        reactor: Any,
        shard: int,
        reader: WriterThread,
        receipts: RecordReceipts,
        committer: Committer,
        since_us: int,
        clock: Callable[[], int] = now_us,
    ) -> None:
        self._reactor = reactor
        self._shard = shard
        self._reader = reader
        self._receipts = receipts
        self._committer = committer
        self._first_id = first_id_at(since_us - SKEW_US)
        self._cursors: dict[int, int] = {}
        self._clock = clock
        self._timer: Any = None
        self._stopped = False

    def start(self) -> None:
        """Look from now on."""
        self._timer = self._reactor.callLater(EVERY_S, self._look)

    def stop(self) -> None:
        """No further look."""
        self._stopped = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def read(self, connection: Connection) -> list[list[Stray]]:
        """The next strays of each other shard."""
        others = other_shards(connection, self._shard)
        cursors = self._cursors
        return [
            strays_since(connection, shard, cursors.get(shard, self._first_id), AT_ONCE) for shard in others
        ]

    def hear(self, found: list[list[Stray]]) -> float:
        """Apply what is ours; returns in how many seconds to look again."""
        at_us, changes = self._clock(), self._committer.changes
        for strays in found:
            for stray in strays:
                receipt = Receipt(stray.smsc_message_id, MessageState(stray.state), "", "", -1)
                self._receipts.hear_of_others(stray.smsc_no, receipt, at_us, changes)
                self._cursors[stray.shard] = stray.receipt_id
        if any(found):
            self._committer.kick()
        if any(len(strays) == AT_ONCE for strays in found):
            return MORE_S
        return EVERY_S if found else ALONE_S

    def _look(self) -> None:
        self._reader.submit(self.read, self._have_read)

    def _have_read(self, found: list[list[Stray]] | BaseException) -> None:
        if self._stopped:
            return
        delay_s = EVERY_S
        if isinstance(found, BaseException):
            log.warning("receipts that came to other servers cannot be read now: %s", found)
        else:
            delay_s = self.hear(found)
        self._timer = self._reactor.callLater(delay_s, self._look)
