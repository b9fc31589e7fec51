"""Account limits at a start and while running: what is counted today is read back from the rows.

A quota that is set while the product runs counts from then on at once; what was admitted earlier today is
added when the store has summed it, after the commit of everything that was admitted before.
"""

import logging

from sqlalchemy import Connection

from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.kernel.ids import IdSequence, first_id_at
from operator_push.services.account_limits import AccountLimits, day_of_zone
from operator_push.services.registry import Account, Registry
from operator_push.store.quota_rows import segments_admitted
from operator_push.store.writer_thread import WriterThread

log = logging.getLogger(__name__)


def load_limits(connection: Connection, shard: int, registry: Registry, at_us: int) -> AccountLimits:
    """The limits of all accounts, with what they were admitted today."""
    limits = AccountLimits()
    everything = first_id_at(at_us + 86_400_000_000)
    for account in registry.accounts():
        if limits.apply(account.account_no, account.terms, at_us):
            since_us = day_of_zone(account.terms.quota_zone, at_us)[0]
            segments = segments_admitted(connection, shard, since_us, everything, account.account_no)
            limits.count_earlier(account.account_no, segments)
    return limits


class LimitsOfAccounts:
    """Puts an account's terms in force while the product runs (ManageAccounts.on_changed)."""

    def __init__(
        self, shard: int, limits: AccountLimits, ids: IdSequence, committer: Committer, writer: WriterThread
    ) -> None:
        self._shard = shard
        self._limits = limits
        self._ids = ids
        self._committer = committer
        self._writer = writer

    def changed(self, account: Account) -> None:
        """An account was added or changed."""
        at_us = now_us()
        number = account.account_no
        if not self._limits.apply(number, account.terms, at_us):
            return
        since_us = day_of_zone(account.terms.quota_zone, at_us)[0]
        until_id = self._ids.next_id(at_us)  # what comes later the quota counts itself

        def summed(segments: int | BaseException) -> None:
            if isinstance(segments, BaseException):
                log.error("account %s: today's earlier segments are not counted: %s", account.name, segments)
                return
            self._limits.count_earlier(number, segments)

        self._committer.promise(
            lambda: self._writer.submit(
                lambda connection: segments_admitted(connection, self._shard, since_us, until_id, number),
                summed,
            )
        )
