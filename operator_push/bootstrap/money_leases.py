"""Money leases of a running product: slices of shared accounts, fetched before they are short of it.

A message that finds too little while a slice is on its way is asked to come again; it is refused for want of
credit only where the treasury has said so. What is not needed goes back, so that other shards can spend it.
"""

import logging
from collections.abc import Callable

from sqlalchemy import Connection

from operator_push.domain.ledger import Balances
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.store.lease_rows import give_back, reclaim, take_slice
from operator_push.store.seal_rows import LedgerChain
from operator_push.store.writer_thread import WriterThread

log = logging.getLogger(__name__)

EMPTY_FOR_US = 1_000_000  # Ours: how long an empty treasury is not asked again
KEPT_SLICES = 2  # more than so many are given back, down to one
ALL_MICROS = 10**18


class MoneyLeases:
    """The slices of one shard. `chain` is that of the shard's ordinary commits."""

    def __init__(
        self,
        shard: int,
        balances: Balances,
        ids: IdSequence,
        committer: Committer,
        writer: WriterThread,
        chain: LedgerChain,
    ) -> None:
        self._shard = shard
        self._balances = balances
        self._ids = ids
        self._committer = committer
        self._writer = writer
        self._chain = chain
        self._pending: set[int] = set()
        self._empty_until_us: dict[int, int] = {}
        self._leasing: set[int] = set()
        balances.on_short = self.short

    def short(self, payer_no: int, missing_micros: int) -> bool:
        """Fetch a slice; True where one is on its way."""
        purse = self._balances.purses.get(payer_no)
        if purse is None or purse.lease_slice_micros is None:
            return False
        if payer_no not in self._pending:
            if now_us() < self._empty_until_us.get(payer_no, 0):
                return False
            self._fetch(payer_no, missing_micros, purse.lease_slice_micros)
        return True

    def sweep(self) -> None:
        """Fetch ahead, give back what lies idle, and end the leases of what is not shared any more."""
        leasing = {
            number: purse.lease_slice_micros
            for number, purse in self._balances.purses.items()
            if purse.lease_slice_micros is not None and purse.payer_no == number
        }
        for number, size in leasing.items():
            available = self._balances.available(number)
            if available < size // 2:
                self.short(number, 1)
            elif available > KEPT_SLICES * size and number not in self._pending:
                self._give_back(number, available - size)
        for number in self._leasing - set(leasing):
            self._fetch(number, 1, ALL_MICROS)
        self._leasing = set(leasing)

    def reclaim(self, shard: int, done: Callable[[dict[int, int] | BaseException], None]) -> None:
        """Put the unused money of a shard whose owner is gone into the treasury.

        Raises:
            OperatorError: it is our own shard, whose owner is here.
        """
        if shard == self._shard:
            raise OperatorError(f"shard {shard} is this server's own; it gives back what it does not need")
        at_us = now_us()
        currency_of = self._balances.currency_of
        self._writer.submit(
            lambda connection: reclaim(connection, shard, self._ids, currency_of, at_us), done
        )

    def _fetch(self, payer_no: int, need_micros: int, size_micros: int) -> None:
        self._pending.add(payer_no)
        at_us, currency = now_us(), self._balances.currency_of(payer_no)
        reference = self._ids.next_id(at_us)

        def work(connection: Connection) -> int:
            return take_slice(
                connection,
                self._own_chain(),
                self._shard,
                payer_no,
                need_micros,
                size_micros,
                reference,
                currency,
                at_us,
            )

        def done(micros: int | BaseException) -> None:
            self._pending.discard(payer_no)
            if isinstance(micros, BaseException):
                log.error("account number %d: its money cannot be leased now: %s", payer_no, micros)
                micros = 0
            if micros:
                self._balances.lent(payer_no, micros)
            else:
                self._empty_until_us[payer_no] = now_us() + EMPTY_FOR_US

        self._writer.submit(work, done)

    def _give_back(self, account_no: int, micros: int) -> None:
        self._pending.add(account_no)
        self._balances.lent(account_no, -micros)  # no message spends it while it is on its way
        at_us, currency = now_us(), self._balances.currency_of(account_no)
        reference = self._ids.next_id(at_us)

        def work(connection: Connection) -> int:
            chain = self._own_chain()
            return give_back(connection, chain, self._shard, account_no, micros, reference, currency, at_us)

        def done(returned: int | BaseException) -> None:
            self._pending.discard(account_no)
            if isinstance(returned, BaseException):
                log.error("account number %d: money cannot be given back now: %s", account_no, returned)
                returned = 0
            if micros > returned:
                self._balances.lent(account_no, micros - returned)

        # Behind the commit of what is staged, so that the books have at least what memory has.
        self._committer.promise(lambda: self._writer.submit(work, done))
        self._committer.kick()

    def _own_chain(self) -> LedgerChain:
        """In the writer's thread: a chain that is looked up, after which commits look theirs up anew.

        So whichever of the two fails, the other goes on from what is on disk.
        """
        self._chain.forget()
        return LedgerChain(self._shard)
