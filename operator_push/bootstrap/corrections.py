"""Corrections: postings by hand and expired holds, made from a loaded state."""

from collections.abc import Callable

from sqlalchemy import Connection

from operator_push.bootstrap.money_leases import MoneyLeases
from operator_push.bootstrap.state import State
from operator_push.config import Settings
from operator_push.gateway.committer import Committer
from operator_push.gateway.ledger_commands import Found, LedgerCommands
from operator_push.services.charge_early import may_go_back
from operator_push.services.correct_ledger import CorrectLedger
from operator_push.services.expire_holds import ExpireHolds
from operator_push.services.finish_message import FinishMessage
from operator_push.services.record_receipts import RecordReceipts
from operator_push.store.correction_rows import credited_message, known_correction, sides_of
from operator_push.store.writer_thread import WriterThread


def expiring_holds(
    settings: Settings, state: State, finish: FinishMessage, receipts: RecordReceipts
) -> ExpireHolds:
    """What ends silent messages, told of the receipts that come after."""
    expiring = ExpireHolds(
        state.shard,
        state.ids,
        state.messages,
        finish,
        state.balances,
        settings.charging.hold_expires_s * 1_000_000,
        settings.retention.hot_days,
        state.expired,
        state.sent_of_expired,
    )
    receipts.on_late = expiring.heard_late
    return expiring


def ledger_commands(
    state: State, expiring: ExpireHolds, leases: MoneyLeases, writer: WriterThread, committer: Committer
) -> LedgerCommands:
    """The commands ledger.*; balances are read behind everything that is staged."""

    def read(
        account_no: int, client_reference: str, message_id: int, done: Callable[[Found | BaseException], None]
    ) -> None:
        def work(connection: Connection) -> Found:
            known = known_correction(connection, account_no, client_reference)
            about = credited_message(connection, message_id) if message_id else None
            return known, sides_of(connection, state.shard, account_no), about

        committer.promise(lambda: writer.submit(work, done))
        committer.kick()

    correct = CorrectLedger(state.balances, state.ids)
    correct.may_go_back = lambda account_no: may_go_back(state.messages, account_no)
    return LedgerCommands(
        state.registry,
        correct,
        expiring,
        state.vault.number_of,
        read,
        leases.reclaim,
        committer,
    )
