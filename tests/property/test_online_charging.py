"""Online charging under loss, copies and crashes: the ledger's money and the charging system's agree.

One account, a charging system with limited money, and everything between them that can go wrong. After every
step the account's sums explain its balances, and once everything is answered and given back, what the ledger
has earned is what the charging system has counted as used.
"""

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from ocs_books import OcsBooks

from operator_push.domain.ledger import Balances, LedgerStatus
from operator_push.domain.ledger_proof import verify
from operator_push.domain.purses import Purse
from operator_push.domain.transfers import LedgerAccount, Transfer, TransferKind
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.meters import Meters
from operator_push.kernel.money import Rounding
from operator_push.services.account_terms import AccountTerms
from operator_push.services.changes import Changes
from operator_push.services.charge_online import ChargeOnline
from operator_push.services.charged_account import SliceTerms
from operator_push.services.online_slice import OnlineSlice
from operator_push.services.ports import ChargingAnswer, ChargingRequest
from operator_push.services.registry import Account, Registry

ACCOUNT, NAME = 7, "shop"
SLICE = 1_000


def registry() -> Registry:
    account = Account(
        account_no=ACCOUNT,
        name=NAME,
        kind="esme",
        brand_no=1,
        password_hash="",
        active=True,
        traffic_class=1,
        category=0,
        allowed_sources=(),
        any_destination=True,
        window=10,
        binds_max=1,
        currency="INR",
        created_us=0,
        terms=AccountTerms(online_charging=True),
    )
    return Registry([], [account], [])


class OnlineCharging(RuleBasedStateMachine):
    """The store is `transfers` and `row`; what is only in memory goes with a crash."""

    def __init__(self) -> None:
        super().__init__()
        self.now_us = 1_800_000_000_000_000
        self.ids = IdSequence()
        self.registry = registry()
        self.books = OcsBooks({NAME: 20_000})
        self.transfers: list[Transfer] = []
        self.row: OnlineSlice | None = None
        self.holds: dict[int, int] = {}
        self.on_wire: list[ChargingRequest] = []
        self.coming: list[tuple[ChargingRequest, ChargingAnswer]] = []
        self.terms = SliceTerms(SLICE, 50, True, 500, 0, 5, 1)
        self.start()

    def start(self) -> None:
        self.balances = Balances()
        sums = verify(self.transfers).balances
        self.balances.restore(ACCOUNT, sums.get((ACCOUNT, LedgerAccount.AVAILABLE), 0), self.holds)
        self.balances.purses[ACCOUNT] = Purse(
            ACCOUNT, ACCOUNT, [], [], 0, Rounding.DOWN, None, None, None, None
        )
        rows = [msgspec.structs.replace(self.row)] if self.row else []
        self.online = ChargeOnline(
            0, self.ids, self.balances, self.registry, self.terms, "gw.test", rows, self.now_us, Meters()
        )

    def commit(self, changes: Changes) -> None:
        for row in changes.ledger_transfer:
            shard, day, reference, kind, account_no, debit, credit, micros, currency, at_us = row
            sides = LedgerAccount(debit), LedgerAccount(credit)
            self.transfers.append(
                Transfer(
                    shard, day, reference, TransferKind(kind), account_no, *sides, micros, currency, at_us
                )
            )
        for _, values in changes.upserts:
            self.row = OnlineSlice(**values)  # type: ignore[arg-type]

    def next_id(self) -> int:
        self.now_us += 1_000
        return self.ids.next_id(self.now_us)

    @rule(seconds=st.sampled_from([0, 1, 7, 70]))
    def tick(self, seconds: int) -> None:
        self.now_us += seconds * 1_000_000 + 1_000
        changes = Changes()
        requests = self.online.tick(self.now_us, changes)
        self.commit(changes)
        self.on_wire += requests

    @rule()
    def tick_and_die_before_the_commit(self) -> None:
        self.online.tick(self.now_us, Changes())
        self.crash()

    @rule()
    def crash(self) -> None:
        self.coming.clear()
        self.start()

    @rule(micros=st.integers(0, 700))
    def hold(self, micros: int) -> None:
        reference = self.next_id()
        placed = self.balances.hold(ACCOUNT, reference, micros)
        if placed.status is LedgerStatus.HELD:
            self.holds[reference] = micros
            self.transfers += placed.transfers

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        reference = data.draw(st.sampled_from(sorted(self.holds)))
        held = self.holds.pop(reference)
        settled = data.draw(st.integers(0, held))
        self.transfers += self.balances.settle(ACCOUNT, reference, held, settled).transfers

    @rule(micros=st.integers(1, 400))
    def credit_note(self, micros: int) -> None:
        earned = verify(self.transfers).total(LedgerAccount.REVENUE)
        if micros <= earned:
            moved = self.balances.move(TransferKind.CREDIT_NOTE, ACCOUNT, self.next_id(), micros)
            self.transfers += moved.transfers

    @precondition(lambda self: self.on_wire)
    @rule(is_doubled=st.booleans())
    def request_arrives(self, is_doubled: bool) -> None:
        request = self.on_wire.pop(0)
        for _ in range(1 + is_doubled):
            self.coming.append((request, self.books.answer(request)))

    @precondition(lambda self: self.on_wire)
    @rule()
    def request_is_lost(self) -> None:
        self.online.unanswered(self.on_wire.pop(0), "lost", self.now_us)

    @precondition(lambda self: self.coming)
    @rule(is_busy=st.booleans())
    def answer_arrives(self, is_busy: bool) -> None:
        request, answer = self.coming.pop(0)
        changes = Changes()
        self.online.answered(request, ChargingAnswer(3004) if is_busy else answer, self.now_us, changes)
        self.commit(changes)

    @precondition(lambda self: self.coming)
    @rule()
    def answer_is_lost(self) -> None:
        self.online.unanswered(self.coming.pop(0)[0], "lost", self.now_us)

    @rule(grant_max=st.sampled_from([None, 1, 300, 5_000]))
    def grants_change(self, grant_max: int | None) -> None:
        self.books.grant_max = grant_max

    @invariant()
    def ledger_is_sound(self) -> None:
        proof = verify(self.transfers)
        assert proof.ok, proof.first_error
        assert self.books.total(NAME) == 20_000
        row = self.row or OnlineSlice(0, ACCOUNT)
        available = proof.balances.get((ACCOUNT, LedgerAccount.AVAILABLE), 0)
        assert available == self.balances.available(ACCOUNT)
        funding = proof.balances.get((ACCOUNT, LedgerAccount.FUNDING), 0)
        assert -funding == row.granted_micros + row.offline_micros - row.returned_micros

    def teardown(self) -> None:
        """Everything ends: messages, lost answers, the run; then the two books are one."""
        self.on_wire.clear()
        self.coming.clear()
        self.books.grant_max = None
        for reference, held in self.holds.items():
            self.transfers += self.balances.settle(ACCOUNT, reference, held, held).transfers
        self.holds.clear()
        self.start()
        self.online.stop()
        for _ in range(60):
            self.now_us += 61_000_000
            changes = Changes()
            requests = self.online.tick(self.now_us, changes)
            self.commit(changes)
            for request in requests:
                changes = Changes()
                self.online.answered(request, self.books.answer(request), self.now_us, changes)
                self.commit(changes)
        proof = verify(self.transfers)
        assert proof.ok, proof.first_error
        assert self.online.idle
        assert self.books.reserved == {}
        assert self.row is None or (self.row.session_id, self.row.asked_step) == ("", 0)
        assert proof.total(LedgerAccount.AVAILABLE) == 0
        assert proof.total(LedgerAccount.REVENUE) == self.books.used.get(NAME, 0)


OnlineCharging.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestOnlineCharging = OnlineCharging.TestCase
