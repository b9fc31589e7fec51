"""The accept path without sockets: what one message costs in use cases and rows, 100 at a time.

`accept`: decide, price, hold and stage rows. `life`: the same messages through attempt, answer, receipt and
settlement. `stored`: that life written to SQLite with synchronous=FULL, three commits for each hundred.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from operator_push.domain.facts import AccountPolicy, PolicyFacts
from operator_push.domain.ledger import Balances
from operator_push.domain.message import MessageState, Origin, Submission, TrafficClass
from operator_push.domain.permission import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.policy import standard_policy
from operator_push.domain.tariff import Tariff, TariffRow
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.meters import Meters
from operator_push.services.accept_submissions import AcceptSubmissions, Offered
from operator_push.services.changes import Changes
from operator_push.services.dispatch_outbox import DispatchOutbox
from operator_push.services.finish_message import FinishMessage
from operator_push.services.match_receipts import Receipt
from operator_push.services.open_messages import OpenMessages
from operator_push.services.record_receipts import RecordReceipts
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.migrate import upgrade

MESSAGES = 100
SUBSCRIBERS = 10_000
START_US = 1_800_000_000_000_000


class Path100:
    """One account, its permissions, and a hundred offers at a time to ever other subscribers."""

    def __init__(self) -> None:
        facts = PolicyFacts()
        facts.accounts[1] = AccountPolicy(1, 1)
        for number in range(1, SUBSCRIBERS + 1):
            evidence = Evidence("web")
            facts.permission.apply(
                ConsentEvent(number, 1, 0, Purpose.MARKETING, "sms", ConsentAction.GRANT, 1, evidence)
            )
        ids, policy, balances = IdSequence(), standard_policy(facts), Balances()
        balances.top_up(1, ids.next_id(START_US), 10**15)
        self.messages = OpenMessages()
        finish = FinishMessage(0, self.messages, balances, 0)
        self.accept_use_case = AcceptSubmissions(
            0, ids, policy, Tariff([TariffRow("", 100_000, "INR")]), balances, self.messages, 10**9
        )
        self.outbox = DispatchOutbox(0, 1, 1, 1, policy, self.messages, finish)
        self.accept_use_case.on_admitted = self.outbox.queue
        self.receipts = RecordReceipts(0, ids, self.messages, finish, Meters())
        self.changes = Changes()
        self.now_us = START_US
        self.next_subscriber = 0
        self.smsc_id = 0

    def take_changes(self) -> Changes:
        changes, self.changes = self.changes, Changes()
        return changes

    def accept(self) -> None:
        self.now_us += 1_000
        self.accept_use_case.accept([self.offer() for _ in range(MESSAGES)], self.now_us, self.changes)

    def offer(self) -> Offered:
        self.next_subscriber = self.next_subscriber % SUBSCRIBERS + 1
        submission = Submission(
            1, 1, 0, TrafficClass.PROMOTIONAL, Origin.ESME, self.next_subscriber,
            str(919800000000 + self.next_subscriber), "CHAI", 1, 0, -1,
        )  # fmt: skip
        return Offered(submission, b"x" * 225, 1)

    def life(self, commit: Callable[[Changes], None]) -> None:
        self.accept()
        attempts = self.outbox.fill(MESSAGES, self.now_us, self.changes)
        commit(self.take_changes())
        for attempt in attempts:
            self.smsc_id += 1
            self.outbox.answered(attempt, 0, str(self.smsc_id), self.now_us, self.changes)
        commit(self.take_changes())
        for attempt in attempts:
            smsc_id = attempt.segment.smsc_message_id
            receipt = Receipt(smsc_id, MessageState.DELIVERED, "000", attempt.message.destination, -1)
            self.receipts.record(1, receipt, self.now_us, self.changes)
        commit(self.take_changes())


@pytest.mark.benchmark(group="accept path, 100 messages")
def test_accept(benchmark: Any) -> None:
    path = Path100()

    def run() -> None:
        path.accept()
        path.take_changes()

    benchmark.pedantic(run, rounds=50, warmup_rounds=5)
    assert len(path.messages) == 55 * MESSAGES


@pytest.mark.benchmark(group="accept path, 100 messages")
def test_life(benchmark: Any) -> None:
    path = Path100()
    benchmark.pedantic(lambda: path.life(lambda changes: None), rounds=50, warmup_rounds=5)
    assert len(path.messages) == 0


@pytest.mark.benchmark(group="accept path, 100 messages")
def test_stored(benchmark: Any, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'bench.db'}"
    upgrade(url)
    database = Database.open(url)
    path = Path100()

    def commit(changes: Changes) -> None:
        database.run(lambda connection: write_batch(connection, changes, 0))

    benchmark.pedantic(lambda: path.life(commit), rounds=30, warmup_rounds=3)
    stored = database.read(
        lambda connection: connection.exec_driver_sql("SELECT COUNT(*) FROM message_final").scalar()
    )
    assert stored == 33 * MESSAGES
    database.close()
