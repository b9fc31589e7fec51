"""One house of the money machine: everything but the sockets is real, over a store that it can reopen.

Several houses on different databases take the same steps at the same moments; what each of them keeps in
memory goes with a crash, what it answers and what its rows say is then compared. Steps do not commit.
"""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, inspect, select

from operator_push.bootstrap.pricing import price_by_documents
from operator_push.bootstrap.state import load_state, waiting_messages
from operator_push.config import load_settings
from operator_push.domain.ledger import LedgerAccount
from operator_push.domain.ledger_proof import LedgerProof
from operator_push.domain.message import Origin, Submission, TrafficClass
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.meters import Meters
from operator_push.services.accept_submissions import AcceptSubmissions, Offered
from operator_push.services.changes import Changes
from operator_push.services.correct_ledger import Correction, CorrectLedger
from operator_push.services.dispatch_outbox import Attempt, DispatchOutbox
from operator_push.services.expire_holds import ExpireHolds
from operator_push.services.finish_message import FinishMessage
from operator_push.services.ledger_rows import add_transfers
from operator_push.services.manage_accounts import ManageAccounts
from operator_push.services.match_receipts import Receipt
from operator_push.services.record_receipts import RecordReceipts
from operator_push.services.resolve_unknown import ResolveUnknown
from operator_push.store import schema
from operator_push.store.correction_rows import credited_message, known_correction, sides_of
from operator_push.store.database import Database
from operator_push.store.hot_rows import is_written, write_batch
from operator_push.store.lease_rows import TREASURY_SHARD, give_back, take_slice
from operator_push.store.ledger_audit import verify_ledger
from operator_push.store.migrate import upgrade
from operator_push.store.seal_rows import LedgerChain

CONFIG = """
data_dir = "."
[[smsc]]
name = "main"
host = "127.0.0.1"
port = 2775
system_id = "x"
password = "x"
[[tariff]]
price_per_segment = "0.10"
currency = "INR"
[submissions]
retry_window_s = 86400
[charging]
hold_expires_s = 3600
"""
HOLD_EXPIRES_US = 3_600_000_000
RETRY_WINDOW_US = 86_400_000_000
# What is compared between databases and over replays: everything that says something about money.
MONEY_TABLES = (
    "message",
    "attempt",
    "segment_outcome",
    "message_final",
    "ledger_transfer",
    "ledger_seal",
    "balance",
    "top_up",
    "correction",
    "expired_hold",
    "message_price",
    "tariff_usage",
    "reconciliation_case",
)


class MoneyHouse:
    """The money of one shard, by hand. `accounts` are added at each `empty`."""

    shard = 0

    def __init__(self, database_url: str, folder: Path) -> None:
        config = folder / f"operator-push-{abs(hash(database_url))}.toml"
        config.write_text(CONFIG, encoding="utf-8")
        self._settings = load_settings(config)
        upgrade(database_url)
        hurried = Database.open(database_url)
        hurried.run(_in_a_hurry)
        hurried.close()
        self.database = Database.open(database_url)

    def empty(self, accounts: Iterable[dict[str, object]], at_us: int) -> None:
        """Begin anew: no row but those of the accounts."""
        self.database.run(_empty_every_table)
        self.open(at_us)
        for asked in accounts:
            self.add_account(asked, at_us)
        self.commit()

    def open(self, at_us: int) -> None:
        """Start from the rows; what was not committed is gone."""
        settings = self._settings
        state = self.state = self.database.run(
            lambda connection: load_state(connection, settings, bytes(32), at_us)
        )
        self.changes = Changes()
        self.staged: list[Attempt] = []
        self.last: Changes | None = None
        self.chain = LedgerChain(0)
        self.finish = FinishMessage(0, state.messages, state.balances, state.sequence)
        self.link_no = state.link_nos["main"]
        self.outbox = DispatchOutbox(
            0, self.link_no, self.link_no, state.incarnation, state.policy, state.messages, self.finish
        )
        self.receipts = RecordReceipts(0, state.ids, state.messages, self.finish, Meters())
        self.accept = AcceptSubmissions(
            0, state.ids, state.policy, state.tariff, state.balances, state.messages, 10_000
        )
        self.accept.on_admitted = self.outbox.queue
        self.prices = price_by_documents(state.tariffs, state.registry, "INR", self.accept, self.finish)
        self.accounts = ManageAccounts(state.registry, state.facts, state.balances, state.ids, state.top_ups)
        self.accounts.check_priced = self.prices.check_priced
        self.accounts.on_changed.append(lambda account: self.prices.account_changed())
        self.accounts.on_changed.append(lambda account: state.purses.apply(at_us))
        self.expiring = ExpireHolds(
            0,
            state.ids,
            state.messages,
            self.finish,
            state.balances,
            HOLD_EXPIRES_US,
            0,
            state.expired,
            state.sent_of_expired,
        )
        self.receipts.on_late = self.expiring.heard_late
        self.resolve = ResolveUnknown(0, state.ids, state.messages, self.finish, lambda _: self.outbox)
        for recent in state.recent:
            self._remember(int(recent.body), recent.message_id, at_us)
        for message in waiting_messages(state.messages):
            self.outbox.queue(message)

    def commit(self) -> list[Attempt]:
        """Write what the steps have staged; the attempts that may leave now."""
        changes, self.changes = self.changes, Changes()
        if not changes.is_empty():
            self.database.run(lambda connection: write_batch(connection, changes, 0, self.chain))
            self.last = changes
        staged, self.staged = self.staged, []
        return staged

    def writes_last_again(self) -> bool:
        """The last commit once more, as after a lost answer; True where its rows were found written."""
        last = self.last
        if last is None or not last.ledger_transfer:
            return True
        return self.database.read(lambda connection: is_written(connection, last))

    # -- what comes from outside -------------------------------------------------------------------------

    def submit(self, key: int, account: str, msisdn: str, segments: int, at_us: int) -> tuple[str, int]:
        """Offer a message under the client's own key; (why it is refused or "", its id)."""
        named = self.state.registry.require_account(account)
        submission = Submission(
            account_no=named.account_no,
            brand_no=named.brand_no,
            category=0,
            traffic_class=TrafficClass.TRANSACTIONAL,
            origin=Origin.ESME,
            subscriber_no=0,
            destination=msisdn,
            source="SHOP",
            segment_count=segments,
            client_reference=key,
        )
        offer = Offered(submission, str(key).encode(), 1, retry=(key, RETRY_WINDOW_US))
        (outcome,) = self.accept.accept([offer], at_us, self.changes)
        return (outcome.reason.name if outcome.reason else "", outcome.message_id)

    def stage(self, room: int, at_us: int) -> None:
        """Send attempts of what waits; they may leave after the commit."""
        self.staged += self.outbox.fill(room, at_us, self.changes)

    def answer(self, attempt: Attempt, status: int, smsc_id: str, at_us: int) -> None:
        """The SMSC's submit_sm_resp."""
        if self.outbox.awaits(attempt) or attempt.segment.state == 1 or attempt.segment.answered_us == 0:
            self.outbox.answered(attempt, status, smsc_id, at_us, self.changes)
            if status == 0:
                self.receipts.answered(self.link_no, smsc_id, at_us, self.changes)

    def receive(self, receipt: Receipt, at_us: int) -> str:
        """A receipt; what became of it."""
        return self.receipts.record(self.link_no, receipt, at_us, self.changes).name

    def never_arrived(self, message_id: int, segment_no: int, at_us: int) -> None:
        """The SMSC's closed period does not know the attempt: it is sent once more."""
        message = self.state.messages.by_id.get(message_id)
        segment = message.segment(segment_no) if message else None
        finding = {
            "message_id": message_id,
            "segment_no": segment_no,
            "link_no": self.link_no,
            "kind": "never_arrived",
            "attempt_no": segment.attempt_no if segment else 0,
        }
        self.resolve.resolve([finding], at_us, self.changes)

    def add_account(self, asked: dict[str, object], at_us: int) -> str:
        """A further account, of the arguments of `operator-push account add`."""
        return self._told(lambda: self.accounts.add(asked, "", at_us, self.changes).currency)

    def top_up(self, account: str, micros: int, reference: str, at_us: int) -> str:
        """Prepaid money under the client's reference."""
        return self._told(lambda: self.accounts.top_up(account, micros, reference, at_us, self.changes))

    def set_terms(self, account: str, terms: dict[str, object], at_us: int) -> str:
        """Change what was agreed."""
        return self._told(
            lambda: self.accounts.change({"name": account, **terms}, None, at_us, self.changes).name
        )

    def shared_message(self, account: str) -> int:
        """The last message that this account paid for and whose earnings were shared; 0 for none."""
        self.commit()
        row, number = schema.ledger_transfer.c, self.state.registry.require_account(account).account_no
        shared = row.kind.in_([int(TransferKind.SHARE_OUT), int(TransferKind.REWARD_OUT)])
        newest = select(func.max(row.reference)).where(row.account_no == number, shared)
        return int(self.database.read(lambda connection: connection.execute(newest).scalar()) or 0)

    def correct(
        self,
        kind: TransferKind,
        account: str,
        micros: int,
        reference: str,
        at_us: int,
        message_id: int = 0,
    ) -> str:
        """A posting by hand, judged by what is on disk; of a credit note perhaps about a message."""
        self.commit()
        number = self.state.registry.require_account(account).account_no

        def read(connection: Connection) -> Any:
            about = credited_message(connection, message_id) if message_id else None
            return known_correction(connection, number, reference), sides_of(connection, 0, number), about

        known, sides, about = self.database.read(read)
        asked = Correction(number, reference, int(kind), 0, micros, 0, message_id, "a reason", 0, "ann")
        correct = CorrectLedger(self.state.balances, self.state.ids)
        return self._told(lambda: correct.post(asked, known, sides, at_us, self.changes, about).amount_micros)

    def import_tariff(self, text: str, at_us: int) -> str:
        """A version of a tariff; the first is in force from then on."""
        documents = self.state.tariffs.documents

        def work() -> object:
            stored, is_new = documents.import_text(text, "t.toml", "INR", "ann", at_us, self.changes)
            if is_new and documents.chosen == "rows":
                documents.choose(stored.document.tariff, "ann", at_us, self.changes)
            return is_new

        return self._told(work)

    def expire(self, at_us: int) -> int:
        """Give back what nothing has resolved in time."""
        self.outbox.expire(at_us, self.changes)
        return self.expiring.expire(at_us, self.changes)

    def charge_late(self, message_id: int, at_us: int) -> str:
        """Charge what was delivered after its hold had expired."""
        return self._told(lambda: self.expiring.charge_late(message_id, "ann", at_us, self.changes))

    def revoke_credit(self, account: str, at_us: int) -> None:
        """Take back what has become free of a lowered credit line."""
        balances = self.state.balances
        number = self.state.registry.require_account(account).account_no
        purse = balances.purses.get(number)
        if purse is not None and balances.reserve(number) and balances.available(number):
            limit = purse.credit_limit_micros or 0
            next_id = self.state.ids.next_id
            moved = balances.set_credit(number, limit, lambda: next_id(at_us), at_us)
            add_transfers(self.changes, moved.transfers)

    def lease(self, account: str, need: int, size: int, at_us: int) -> int:
        """A slice of the treasury's money."""
        number, reference = self._before_a_lease(account, at_us)
        currency = self.state.balances.currency_of(number)
        micros = self.database.run(
            lambda connection: take_slice(
                connection, LedgerChain(0), 0, number, need, size, reference, currency, at_us
            )
        )
        self.state.balances.lent(number, micros)
        self.chain.forget()
        return micros

    def give_back(self, account: str, micros: int, at_us: int) -> int:
        """Unused money into the treasury."""
        number, reference = self._before_a_lease(account, at_us)
        balances = self.state.balances
        micros = min(micros, balances.available(number))
        if micros <= 0:
            return 0
        balances.lent(number, -micros)
        returned = self.database.run(
            lambda connection: give_back(
                connection, LedgerChain(0), 0, number, micros, reference, balances.currency_of(number), at_us
            )
        )
        balances.lent(number, micros - returned)
        self.chain.forget()
        return returned

    # -- what can be said about it -----------------------------------------------------------------------

    def money(self) -> dict[str, tuple[int, int]]:
        """Of each account what is available and what is held, in memory."""
        balances = self.state.balances
        return {
            account.name: (balances.available(account.account_no), balances.held(account.account_no))
            for account in self.state.registry.accounts()
        }

    def stored_money(self) -> dict[str, tuple[int, int]]:
        """The same on disk."""
        sides = (LedgerAccount.AVAILABLE, LedgerAccount.HELD)
        kept = self.database.read(
            lambda connection: {
                each.account_no: sides_of(connection, 0, each.account_no)
                for each in self.state.registry.accounts()
            }
        )
        return {
            each.name: (kept[each.account_no].get(sides[0], 0), kept[each.account_no].get(sides[1], 0))
            for each in self.state.registry.accounts()
        }

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row that says something about money."""

        def read(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
            found = {}
            for name in MONEY_TABLES:
                table = schema.metadata.tables[name]
                statement = select(table).order_by(*table.primary_key.columns)
                found[name] = [tuple(row) for row in connection.execute(statement)]
            return found

        return self.database.read(read)

    def proofs(self) -> list[LedgerProof]:
        """What `ledger verify` says of the shard and of the treasury."""
        return self.database.read(
            lambda connection: [verify_ledger(connection, shard) for shard in (0, TREASURY_SHARD)]
        )

    def _before_a_lease(self, account: str, at_us: int) -> tuple[int, int]:
        self.commit()
        return self.state.registry.require_account(account).account_no, self.state.ids.next_id(at_us)

    def _remember(self, key: int, message_id: int, at_us: int) -> None:
        self.accept.retries.remember(key, message_id, RETRY_WINDOW_US, at_us)

    @staticmethod
    def _told(work: Callable[[], object]) -> str:
        try:
            return str(work())
        except OperatorError as refused:
            return str(refused)


def new_houses(urls: Iterable[str]) -> list[MoneyHouse]:
    """A house for each database."""
    folder = Path(tempfile.mkdtemp(prefix="operator-push-money-"))
    return [MoneyHouse(url, folder) for url in urls]


def _empty_every_table(connection: Connection) -> None:
    # DELETE and not TRUNCATE, which makes new files for each table, however few rows it had.
    for name in inspect(connection).get_table_names():
        if name != "alembic_version":
            connection.exec_driver_sql(f"DELETE FROM {name}")


def _in_a_hurry(connection: Connection) -> None:
    """What survives a power cut is not asked here (tests/e2e/test_durability_power.py)."""
    if connection.dialect.name == "postgresql":
        name = connection.exec_driver_sql("SELECT current_database()").scalar()
        connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
