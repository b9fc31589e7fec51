"""Input turns: how much of one bind's input is dealt with before the others have their turn.

Laws: in one turn of the loop no bind has more PDUs dealt with than its share of ROUND_PDUS, and the binds
whose input waits have their turns in the order in which they began to wait. Meanwhile nothing is read from
them, so that a peer that floods waits in its own TCP buffer and its neighbours are heard in every turn.
Not here: the window (gateway.esme_server), and what a PDU means.
"""

import logging
from collections import deque
from typing import Protocol

from operator_push.smpp_twisted.shapes import ReactorTime

log = logging.getLogger(__name__)

ROUND_PDUS = 128  # Ours: some 5 ms of work for all binds together; a batch this large is cheap per message.
TURN_PDUS_MIN = 32  # Ours: smaller batches cost more than the wait of the others is worth.
# Ours: for the few links to SMSCs, which answer whole windows in one chunk; some 10 ms of work.
LINK_ROUND_PDUS = 512


class TurnTaker(Protocol):
    """A bind whose input waits."""

    def take_turn(self) -> None: ...
    def abort(self, reason: str) -> None: ...


class InputTurns:
    """The binds of one face whose input waits, oldest first."""

    def __init__(self, reactor: ReactorTime, round_pdus: int = ROUND_PDUS) -> None:
        self._reactor = reactor
        self._round_pdus = round_pdus
        self._waiting: deque[TurnTaker] = deque()
        self._is_called = False

    @property
    def pdus_max(self) -> int:
        """How many PDUs a bind may have dealt with in one turn now: its share beside those that wait."""
        return max(TURN_PDUS_MIN, self._round_pdus // (len(self._waiting) + 1))

    def wait(self, bind: TurnTaker) -> None:
        """Stand at the end; `bind.take_turn()` is called in a later turn of the loop."""
        self._waiting.append(bind)
        self._call()

    def _round(self) -> None:
        """One turn for each that waited when the round began; then the loop listens to everybody again."""
        self._is_called = False
        waiting = self._waiting
        for _ in range(len(waiting)):
            bind = waiting.popleft()
            try:
                bind.take_turn()
            except Exception:  # as Twisted has it where input is dealt with at once: that stream ends alone
                log.exception("a bind's input could not be dealt with")
                bind.abort("a fault of ours")
        if waiting:
            self._call()

    def _call(self) -> None:
        if not self._is_called:
            self._is_called = True
            self._reactor.callLater(0, self._round)
