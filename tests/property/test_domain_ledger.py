"""The ledger holds its laws for any interleaving of top-ups, holds, settlements, copies and restarts."""

import random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from operator_push.domain.charging import quote_hold, settlement
from operator_push.domain.ledger import (
    Balances,
    LedgerAccount,
    LedgerResult,
    LedgerStatus,
    Transfer,
    TransferKind,
    verify,
)
from operator_push.kernel.ids import IdSequence

ACCOUNTS = st.integers(1, 3)
MICROS = st.integers(0, 1_000)
NOW_US = 1_800_000_000_000_000
Hold = tuple[int, int, int]  # account, reference, micros


class LedgerMachine(RuleBasedStateMachine):
    """Drives Balances beside a model of two numbers an account, and proves the rows after every step."""

    top_ups: Bundle[Hold] = Bundle("top_ups")
    holds: Bundle[Hold] = Bundle("holds")
    resolved: Bundle[Hold] = Bundle("resolved")

    def __init__(self) -> None:
        super().__init__()
        self.balances = Balances()
        self.ids = IdSequence()
        self.rows: list[Transfer] = []
        self.available: dict[int, int] = {}
        self.held: dict[int, int] = {}

    def take(self, result: LedgerResult) -> LedgerStatus:
        self.rows += result.transfers
        return result.status

    @rule(target=top_ups, account=ACCOUNTS, micros=st.integers(1, 1_000))
    def top_up(self, account: int, micros: int) -> Hold:
        reference = self.ids.next_id(NOW_US)
        assert self.take(self.balances.top_up(account, reference, micros)) is LedgerStatus.TOPPED_UP
        self.available[account] = self.available.get(account, 0) + micros
        return account, reference, micros

    @rule(top_up=top_ups)
    def copy_of_a_top_up(self, top_up: Hold) -> None:
        assert self.take(self.balances.top_up(*top_up)) is LedgerStatus.DUPLICATE

    @rule(target=holds, account=ACCOUNTS, micros=MICROS)
    def hold(self, account: int, micros: int) -> Hold:
        reference = self.ids.next_id(NOW_US)
        status = self.take(self.balances.hold(account, reference, micros))
        if micros <= self.available.get(account, 0):
            assert status is LedgerStatus.HELD
            self.available[account] = self.available.get(account, 0) - micros
            self.held[account] = self.held.get(account, 0) + micros
        else:
            assert status is LedgerStatus.OVERDRAWN
        return account, reference, micros

    @rule(hold=holds)
    def copy_of_a_hold(self, hold: Hold) -> None:
        account, reference, _ = hold
        if reference in self.balances.open_holds(account):
            assert self.take(self.balances.hold(*hold)) is LedgerStatus.DUPLICATE

    @rule(target=resolved, hold=consumes(holds), share=st.integers(0, 100))
    def settle(self, hold: Hold, share: int) -> Hold:
        account, reference, micros = hold
        is_open = reference in self.balances.open_holds(account)
        settled = micros * share // 100
        status = self.take(self.balances.settle(account, reference, micros, settled))
        assert status is (LedgerStatus.SETTLED if is_open else LedgerStatus.UNKNOWN_HOLD)
        if is_open:
            self.held[account] -= micros
            self.available[account] += micros - settled
        return hold

    @rule(hold=resolved, share=st.integers(0, 100))
    def late_copies(self, hold: Hold, share: int) -> None:
        account, reference, micros = hold
        status = self.take(self.balances.settle(account, reference, micros, micros * share // 100))
        assert status in (LedgerStatus.ALREADY_SETTLED, LedgerStatus.UNKNOWN_HOLD)
        if status is LedgerStatus.ALREADY_SETTLED:
            assert self.take(self.balances.hold(*hold)) is LedgerStatus.DUPLICATE

    @rule()
    def restart(self) -> None:
        """A new owner knows what the rows say, and nothing else."""
        proof = verify(self.rows)
        top_ups = {row.reference: row.amount_micros for row in self.rows if row.kind is TransferKind.TOP_UP}
        restarted = Balances()
        for account in {row.account_no for row in self.rows}:
            available = proof.balances[(account, LedgerAccount.AVAILABLE)]
            open_holds = {
                reference: micros
                for (owner, reference), micros in proof.open_holds.items()
                if owner == account
            }
            restarted.restore(account, available, open_holds, top_ups)
        self.balances = restarted

    @invariant()
    def balances_are_those_of_the_model_and_of_the_rows(self) -> None:
        proof = verify(self.rows)
        assert proof.ok, proof.first_error
        assert sum(proof.balances.values()) == 0
        for account in (1, 2, 3):
            available, held = self.balances.available(account), self.balances.held(account)
            assert (available, held) == (self.available.get(account, 0), self.held.get(account, 0))
            assert available >= 0
            assert available == proof.balances.get((account, LedgerAccount.AVAILABLE), 0)
            assert held == proof.balances.get((account, LedgerAccount.HELD), 0)
            assert held == sum(self.balances.open_holds(account).values())


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@st.composite
def ledgers(draw: st.DrawFn) -> list[Transfer]:
    balances, ids, rows = Balances(), IdSequence(), list[Transfer]()
    rows += balances.top_up(1, ids.next_id(NOW_US), 10_000, NOW_US).transfers
    for micros, resolved, share in draw(
        st.lists(st.tuples(st.integers(1, 500), st.booleans(), st.integers(0, 100)), min_size=1, max_size=12)
    ):
        reference = ids.next_id(NOW_US)
        rows += balances.hold(1, reference, micros, NOW_US).transfers
        if resolved:
            rows += balances.settle(1, reference, micros, micros * share // 100, NOW_US).transfers
    return rows


@given(ledgers(), st.randoms(use_true_random=False))
def test_the_proof_does_not_depend_on_the_order_of_rows(rows: list[Transfer], chance: random.Random) -> None:
    proof = verify(rows)
    assert proof.ok
    chance.shuffle(rows)
    assert verify(rows) == proof


@given(ledgers(), st.data())
def test_a_changed_amount_is_always_noticed(rows: list[Transfer], data: st.DataObject) -> None:
    """By the rows alone, or by the stored balances beside them."""
    stored = {(account, int(side)): micros for (account, side), micros in verify(rows).balances.items()}
    index = data.draw(st.integers(0, len(rows) - 1))
    change = data.draw(st.integers(-400, 400).filter(bool))
    rows[index] = msgspec.structs.replace(rows[index], amount_micros=rows[index].amount_micros + change)
    assert not verify(rows, stored).ok


@given(ledgers(), st.data())
def test_a_doubled_or_missing_row_is_always_noticed(rows: list[Transfer], data: st.DataObject) -> None:
    stored = {(account, int(side)): micros for (account, side), micros in verify(rows).balances.items()}
    index = data.draw(st.integers(0, len(rows) - 1))
    assert not verify([*rows, rows[index]], stored).ok
    del rows[index]
    assert not verify(rows, stored).ok


@given(price=st.integers(0, 10**9), segments=st.integers(1, 255), data=st.data())
def test_what_is_earned_and_what_is_released_add_up_to_what_was_held(
    price: int, segments: int, data: st.DataObject
) -> None:
    held = quote_hold(price, segments)
    settled, released = settlement(price, data.draw(st.integers(0, segments)), held)
    assert settled + released == held
    assert 0 <= settled <= held
