"""Receipt ledger: which accepted segments still wait for their receipt, by smsc_message_id.

Laws: a receipt settles one accepted segment, once; a second one is doubled; one that comes before its
response waits for it and counts then; whatever is left of those at the end is orphaned. Memory is bounded by
what is open, and by SETTLED_KEPT for ids that were settled.
Not here: reading a receipt (receipt_reader.py).
"""

from smsc_sim.load.tally import Tally

SETTLED_KEPT = 500_000
_EARLY_MAX = 100_000


class ReceiptLedger:
    """All binds of a run share one: a receipt may come on another bind than its submit_sm went."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._open: dict[bytes, float] = {}
        self._early: dict[bytes, float] = {}
        self._settled: set[bytes] = set()
        self._settled_before: set[bytes] = set()

    @property
    def open_count(self) -> int:
        """How many accepted segments wait for their receipt."""
        return len(self._open)

    def expect(self, message_id: bytes, scheduled: float) -> None:
        """A segment was accepted under this id and will have a receipt."""
        if self._early and message_id in self._early:
            self._settle(message_id, scheduled, self._early.pop(message_id))
        else:
            self._open[message_id] = scheduled

    def receipt(self, message_id: bytes, now: float) -> None:
        """A final receipt came for this id."""
        scheduled = self._open.pop(message_id, None)
        if scheduled is not None:
            self._settle(message_id, scheduled, now)
        elif message_id in self._settled or message_id in self._settled_before or message_id in self._early:
            self._tally.receipts_doubled += 1
        elif len(self._early) < _EARLY_MAX:
            self._early[message_id] = now
        else:
            self._tally.receipts_orphaned += 1

    def finish(self, now: float) -> None:
        """The run is over: receipts whose response never came are orphaned.

        One that did not come stands in the latencies with the time it was waited for.
        """
        for scheduled in self._open.values():
            self._tally.receipt.record(int((now - scheduled) * 1e6))
        self._tally.receipts_orphaned += len(self._early)
        self._early.clear()

    def _settle(self, message_id: bytes, scheduled: float, now: float) -> None:
        self._tally.receipted(scheduled, now)
        self._settled.add(message_id)
        if len(self._settled) >= SETTLED_KEPT:
            self._settled_before, self._settled = self._settled, set()
