"""Account purses at a start and while running: what a month has cost so far is read back from the rows.

A cap that is set while the product runs counts from then on at once; what was spent earlier in the month is
added when the store has summed it, after the commit of everything that was accepted before.
"""

import logging
from collections.abc import Iterable

from sqlalchemy import Connection

from operator_push.domain.ledger import Balances
from operator_push.domain.purses import MonthCap
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.kernel.ids import IdSequence, first_id_at
from operator_push.kernel.meters import Meters
from operator_push.kernel.money import format_micros
from operator_push.services.account_purses import AccountPurses, Warned
from operator_push.services.ledger_rows import add_transfers
from operator_push.services.open_messages import OpenMessage
from operator_push.services.registry import Account, Registry
from operator_push.store.purse_rows import payers_of_open_holds, spent_since
from operator_push.store.since import Since
from operator_push.store.writer_thread import WriterThread

log = logging.getLogger(__name__)


def load_payers(
    connection: Connection, shard: int, since: Since, registry: Registry, balances: Balances
) -> None:
    """Whose money the open holds are, where that is another account than the message's."""
    if any(account.terms.parent is not None for account in registry.accounts()):
        balances.payers.update(payers_of_open_holds(connection, shard, since))


def load_purses(
    connection: Connection, shard: int, registry: Registry, balances: Balances, at_us: int
) -> AccountPurses:
    """The purses of all accounts, with what was spent in the month of each cap; balances are loaded."""
    purses = AccountPurses(registry, balances)
    everything = first_id_at(at_us + 86_400_000_000)
    for cap in purses.apply(at_us):
        cap.used_micros += spent_since(connection, shard, cap.since_us, everything, purses.members_of(cap))
    return purses


def give_back_to_caps(messages: Iterable[OpenMessage], balances: Balances) -> None:
    """Take from caps what open messages hold no longer, since they were charged before their end."""
    for message in messages:
        charge, purse = message.charge, balances.purses.get(message.account_no)
        if purse is not None and charge is not None and charge.settled_micros >= 0:
            purse.give_back(message.message_id, message.held_micros - charge.settled_micros)


class PursesOfAccounts:
    """Puts the money terms of accounts in force while the product runs, and tells of soft limits."""

    def __init__(
        self,
        shard: int,
        purses: AccountPurses,
        registry: Registry,
        balances: Balances,
        ids: IdSequence,
        committer: Committer,
        writer: WriterThread,
        meters: Meters,
    ) -> None:
        self._shard = shard
        self._purses = purses
        self._registry = registry
        self._balances = balances
        self._ids = ids
        self._committer = committer
        self._writer = writer
        self._meters = meters
        purses.on_warning.append(self._warn)

    def changed(self, account: Account) -> None:
        """An account was added or changed (ManageAccounts.on_changed)."""
        at_us = now_us()
        for cap in self._purses.apply(at_us):
            self._count_earlier(cap, self._ids.next_id(at_us))  # what comes later the cap counts itself

    def _count_earlier(self, cap: MonthCap, until_id: int) -> None:
        members, since_us = self._purses.members_of(cap), cap.since_us

        def summed(micros: int | BaseException) -> None:
            if isinstance(micros, BaseException):
                log.error("account number %d: the month so far is not counted: %s", cap.account_no, micros)
                return
            cap.used_micros += micros

        self._committer.promise(
            lambda: self._writer.submit(
                lambda connection: spent_since(connection, self._shard, since_us, until_id, members), summed
            )
        )

    def sweep(self) -> None:
        """Take back what has become free of lowered credit lines; to be called now and then."""
        at_us = now_us()
        for number, purse in self._balances.purses.items():
            if self._balances.reserve(number) and self._balances.available(number):
                moved = self._balances.set_credit(
                    number, purse.credit_limit_micros or 0, lambda: self._ids.next_id(at_us), at_us
                )
                add_transfers(self._committer.changes, moved.transfers)
                self._committer.kick()

    def _warn(self, warned: Warned) -> None:
        self._meters.count(f"account.warning.{warned.kind}")
        account = self._registry.account(warned.account_no)
        log.warning(
            "account %s: %s: %s of %s",
            account.name if account else warned.account_no,
            warned.kind.replace("_", " "),
            format_micros(warned.micros),
            format_micros(warned.limit_micros),
        )
