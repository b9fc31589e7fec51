"""The money machine: whatever happens in whatever order, the books hold, and both databases keep the same.

Hypothesis draws the interleaving: submissions and their retries, answers that get lost, receipts that are
late, early, doubled or contradict each other, crashes before and after commits, new versions of tariffs,
credit lines, corrections, expired holds, leases. Two houses take the same steps, one on SQLite and one on
PostgreSQL.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from money_house import HOLD_EXPIRES_US, MoneyHouse, new_houses

from operator_push.domain.message import MessageState
from operator_push.domain.transfers import LEGS, LedgerAccount, TransferKind
from operator_push.services.dispatch_outbox import Attempt
from operator_push.services.match_receipts import Receipt

START_US = 1_800_000_000_000_000
PEOPLE = [f"9198123456{number:02d}" for number in range(4)]
ACCOUNTS = [
    {"name": "shop", "traffic_class": "transactional", "any_destination": True, "prepaid_micros": 1_500_000},
    {
        "name": "branch",
        "traffic_class": "transactional",
        "any_destination": True,
        "parent": "shop",
        "pays_from": "parent",
        "monthly_cap_micros": 1_000_000,
    },
    {
        "name": "dealer",
        "traffic_class": "transactional",
        "any_destination": True,
        "parent": "shop",
        "parent_share_ppm": 333_333,
        "reward_ppm": 10_000,
        "credit_limit_micros": 800_000,
    },
    {
        "name": "shared",
        "traffic_class": "transactional",
        "any_destination": True,
        "lease_slice_micros": 300_000,
        "prepaid_micros": 900_000,
    },
]
ABROAD: dict[str, object] = {
    "name": "abroad",
    "traffic_class": "transactional",
    "any_destination": True,
    "prepaid_micros": 30_000,
    "currency": "USD",
}
NAMES = [str(each["name"]) for each in [*ACCOUNTS, ABROAD]]
names = st.sampled_from(NAMES)
segment_counts = st.sampled_from([1, 1, 2, 5])
AMOUNTS = [250_001, 100_000, 1, 700_000]
ANSWERS = [0, 0, 0, 0, None, 0x45, 0x58]  # a command_status; None: it gets lost
STATES = [MessageState.DELIVERED] * 4 + [
    MessageState.UNDELIVERABLE,
    MessageState.EXPIRED,
    MessageState.REJECTED,
    MessageState.SENT,
]
offered = st.lists(st.tuples(names, st.sampled_from(PEOPLE), segment_counts), min_size=2, max_size=6)
picks = st.sampled_from([None, None, None, 0, 1, 2, 3, 5, 8, 13])
receipts = st.lists(st.tuples(picks, st.sampled_from(STATES), st.booleans()), min_size=3, max_size=12)
BY_HAND = [
    TransferKind.CREDIT_NOTE,
    TransferKind.PAYMENT,
    TransferKind.REFUND,
    TransferKind.CHARGE,
    TransferKind.WRITE_OFF,
    TransferKind.PAY_OUT,
    TransferKind.EARNINGS_USED,
]
RATES = (
    '[[exchange_rate]]\nto = "USD"\nrate = "0.0115"\nvalid_from = 2026-01-01T00:00:00Z\n'
    '[[exchange_rate]]\nto = "USD"\nrate = "0.012345678"\nvalid_from = 2027-01-15T10:00:00Z\n'
)
# What versions of the tariff say, besides a price each; any of them may be next.
VERSIONS = [
    '[[price]]\nname = "all"\nper_segment = "0.1"\n',
    '[[price]]\nname = "all"\nvolume = "all_units"\n'
    'tiers = [{ up_to = 3, per_segment = "0.15" }, { per_segment = "0.070001" }]\n'
    '[[tax]]\nname = "GST"\npercent = 18\n',
    '[contract]\ncharge_on = "submission"\nstates = { rejected = true, undeliverable = false }\n'
    'rounding_at = "message"\nstep_micros = 10000\n'
    '[[price]]\nname = "all"\nper_segment = "0.123456"\nminimum = "0.2"\n'
    '[[tax]]\nname = "VAT"\npercent = 7.7\n',
    '[contract]\ncharge_on = "acceptance"\nstates = { expired = false, undeliverable = false }\n'
    '[[price]]\nname = "all"\nvolume = "graduated"\n'
    'tiers = [{ up_to = 2, per_segment = "0.3" }, { per_segment = "0.05" }]\n'
    '[[bundle]]\nname = "two"\nsegments = 2\n[[tax]]\nname = "GST"\npercent = 18\n',
]


class MoneyMachine(RuleBasedStateMachine):
    """Drives every house alike; `log` are committed inputs that may come a second time."""

    houses: list[MoneyHouse]

    def __init__(self) -> None:
        super().__init__()
        self.now_us = START_US
        for house in self.houses:
            house.empty(ACCOUNTS, self.now_us)
            assert "tariff" in house.add_account(ABROAD, self.now_us)  # nothing prices it yet
        self.numbers = 0
        # Of each attempt that left: its receipt without the end; and the attempt as each house knows it.
        self.taken: list[Receipt] = []
        self.told = 0
        self.unanswered: list[tuple[list[Attempt], str]] = []
        self.message_ids: list[int] = []
        self.log: list[tuple[object, ...]] = []
        self.staged_log: list[tuple[object, ...]] = []

    @initialize(says=st.sampled_from(VERSIONS))
    def first_tariff(self, says: str) -> None:
        self.import_tariff(says)
        assert self.alike([house.add_account(ABROAD, self.now_us) for house in self.houses]) == "USD"
        self.commit()

    def alike(self, found: list[object]) -> object:
        """What every house said; the same of all."""
        assert all(each == found[0] for each in found[1:]), found
        return found[0]

    def tick(self, us: int = 1_000) -> int:
        self.now_us += us
        return self.now_us

    def next_number(self) -> int:
        self.numbers += 1
        return self.numbers

    def note(self, *step: object) -> None:
        self.staged_log.append(step)

    def commit(self) -> None:
        at_us = self.tick()
        staged = [house.commit() for house in self.houses]
        self.log += self.staged_log
        self.staged_log.clear()
        for attempts in zip(*staged, strict=True):
            leave = [
                house.outbox.may_leave(attempt, at_us, house.changes)
                for house, attempt in zip(self.houses, attempts, strict=True)
            ]
            if self.alike(list(leave)):
                first, smsc_id = attempts[0], str(len(self.taken) + 1)
                reference = first.user_message_reference
                destination = first.message.destination
                self.taken.append(Receipt(smsc_id, MessageState.SENT, "000", destination, reference))
                self.unanswered.append((list(attempts), smsc_id))

    # -- messages: clients submit, the SMSC answers and tells ---------------------------------------------

    @rule(offers=offered)
    def submit(self, offers: list[tuple[str, str, int]]) -> None:
        for account, person, segments in offers:
            at_us, key = self.tick(), self.next_number()
            outcome = self.alike([each.submit(key, account, person, segments, at_us) for each in self.houses])
            assert isinstance(outcome, tuple)
            if not outcome[0]:
                self.message_ids.append(outcome[1])
                self.note("submit", key, account, person, segments, outcome)

    @rule(room=st.integers(2, 8), answers=st.lists(st.sampled_from(ANSWERS), max_size=8))
    def send(self, room: int, answers: list[int | None]) -> None:
        at_us = self.tick()
        for house in self.houses:
            house.stage(room, at_us)
        self.commit()
        for status in answers[: len(self.unanswered)]:
            self.answer(status)

    @rule(offers=offered, told=receipts)
    def a_good_day(
        self, offers: list[tuple[str, str, int]], told: list[tuple[int | None, MessageState, bool]]
    ) -> None:
        self.submit(offers)
        self.send(20, [0] * 20)
        if self.taken:
            self.tell(told)

    def answer(self, status: int | None) -> None:
        attempts, smsc_id = self.unanswered.pop(0)
        at_us = self.tick()
        for house, attempt in zip(self.houses, attempts, strict=True):
            if status is None:
                house.outbox.unanswered(attempt)
            else:
                house.answer(attempt, status, smsc_id, at_us)

    @precondition(lambda self: self.taken)
    @rule(told=receipts)
    def tell(self, told: list[tuple[int | None, MessageState, bool]]) -> None:
        for pick, state, keyed in told:
            if pick is None:  # the next of which nothing was told; otherwise any, again
                pick, self.told = self.told, self.told + 1
            known = self.taken[pick % len(self.taken)]
            reference = known.user_message_reference if keyed else -1
            receipt = Receipt(known.smsc_message_id, state, "000", known.recipient, reference)
            at_us = self.tick()
            outcome = self.alike([house.receive(receipt, at_us) for house in self.houses])
            if outcome not in {"ORPHAN", "AMBIGUOUS"}:
                self.note("receipt", receipt)

    @rule()
    def commits(self) -> None:
        self.commit()

    @rule(hours=st.sampled_from([0, 1, 2]))
    def time_goes_by(self, hours: int) -> None:
        if self.now_us > START_US + 20 * HOLD_EXPIRES_US:
            hours = 0  # a retry is one within a day
        at_us = self.tick(hours * HOLD_EXPIRES_US + 60_000_000)
        self.alike([house.expire(at_us) for house in self.houses])
        for house in self.houses:
            house.revoke_credit("dealer", at_us)
        for message_id in self.message_ids:
            said = self.alike([house.charge_late(message_id, at_us) for house in self.houses])
            if str(said).isdecimal():
                self.note("charge_late", message_id)

    # -- what the operator does --------------------------------------------------------------------------

    @rule(says=st.sampled_from(VERSIONS))
    def import_tariff(self, says: str) -> None:
        text = f'tariff = "standard"\nversion = {self.next_number()}\ncurrency = "INR"\n{says}{RATES}'
        at_us = self.tick()
        assert self.alike([house.import_tariff(text, at_us) for house in self.houses]) == "True"
        self.note("tariff", text)

    @rule(
        kind=st.sampled_from(
            [TransferKind.TOP_UP, TransferKind.CREDIT_GRANT, TransferKind.LEASE_IN, *BY_HAND]
        ),
        account=names,
        amount=st.sampled_from(AMOUNTS),
    )
    def office(self, kind: TransferKind, account: str, amount: int) -> None:
        self.commit()
        at_us, reference = self.tick(), f"r{self.next_number()}"
        match kind:
            case TransferKind.TOP_UP:
                self.alike([house.top_up(account, amount, reference, at_us) for house in self.houses])
                self.note("top_up", account, amount, reference)
            case TransferKind.CREDIT_GRANT:
                terms: dict[str, object] = {"credit_limit_micros": None if amount == 1 else amount}
                self.alike([house.set_terms("dealer", terms, at_us) for house in self.houses])
            case TransferKind.LEASE_IN if amount % 2:
                self.alike([house.give_back("shared", 3 * amount, at_us) for house in self.houses])
            case TransferKind.LEASE_IN:
                self.alike([house.lease("shared", 1, amount, at_us) for house in self.houses])
            case _:
                about = 0
                if kind is TransferKind.CREDIT_NOTE:
                    about = int(str(self.alike([house.shared_message(account) for house in self.houses])))
                made = (kind, account, amount, reference)
                said = [house.correct(*made, at_us, about) for house in self.houses]
                if self.alike(list(said)) == str(amount):
                    self.note("correct", *made, about)

    # -- what goes wrong ---------------------------------------------------------------------------------

    @rule()
    def crash(self) -> None:
        """What was not committed is gone; the octets of attempts that left are not."""
        at_us = self.tick()
        self.staged_log.clear()
        self.unanswered.clear()
        for house in self.houses:
            house.open(at_us)

    @rule()
    def the_answer_of_a_commit_is_lost(self) -> None:
        assert all(house.writes_last_again() for house in self.houses)

    @rule(share=st.integers(1, 100))
    def a_prefix_comes_again(self, share: int) -> None:
        """The first so many percent of everything that was committed: nothing moves a second time."""
        self.commit()
        before = [house.rows() for house in self.houses]
        for kind, *step in self.log[: len(self.log) * share // 100]:
            self._again(str(kind), *step)
        self.commit()
        for house, rows in zip(self.houses, before, strict=True):
            again = house.rows()
            for table in ("message", "message_final", "ledger_transfer", "balance", "ledger_seal"):
                assert again[table] == rows[table], table

    def _again(self, kind: str, *step: object) -> None:
        at_us = self.tick()
        for house in self.houses:
            match kind, step:
                case "submit", (int(key), str(account), str(person), int(segments), tuple(outcome)):
                    assert house.submit(key, account, person, segments, at_us) == outcome
                case "top_up", (str(account), int(amount), str(reference)):
                    assert house.top_up(account, amount, reference, at_us) == "False"
                case "correct", (
                    TransferKind() as made,
                    str(account),
                    int(amount),
                    str(reference),
                    int(about),
                ):
                    assert house.correct(made, account, amount, reference, at_us, about) == str(amount)
                case "charge_late", (int(message_id),):
                    assert not house.charge_late(message_id, at_us).isdecimal()
                case "tariff", (str(text),):
                    assert house.import_tariff(text, at_us) == "False"
                case "receipt", (Receipt() as receipt,):
                    house.receive(receipt, at_us)

    # -- what always holds -------------------------------------------------------------------------------

    @invariant()
    def no_prepaid_account_is_below_zero_and_the_houses_agree(self) -> None:
        money = self.alike([house.money() for house in self.houses])
        assert isinstance(money, dict)
        assert all(available >= 0 and held >= 0 for available, held in money.values())

    def teardown(self) -> None:
        self.commit()
        self.books_hold()
        at_us = self.tick()
        for house in self.houses:
            house.open(at_us)  # and a start believes the same
        self.no_prepaid_account_is_below_zero_and_the_houses_agree()

    def books_hold(self) -> None:
        for house in self.houses:
            assert house.money() == house.stored_money()
            for proof in house.proofs():
                assert proof.ok, proof.first_error
        rows = self.alike([house.rows() for house in self.houses])
        assert isinstance(rows, dict)
        resolved: dict[int, int] = {}
        sums: dict[str, dict[int, int]] = {}
        abroad = self.houses[0].state.registry.require_account("abroad").account_no
        for _, _, reference, kind, account_no, debit, credit, amount, currency, _ in rows["ledger_transfer"]:
            assert (debit, credit) == tuple(map(int, LEGS[TransferKind(kind)]))
            assert currency == ("USD" if account_no == abroad else "INR")
            by_side = sums.setdefault(currency, {})
            by_side[debit] = by_side.get(debit, 0) - amount
            by_side[credit] = by_side.get(credit, 0) + amount
            if kind in {TransferKind.SETTLE, TransferKind.RELEASE, TransferKind.EXPIRE}:
                resolved[reference] = resolved.get(reference, 0) + amount
        held = {row[2]: row[7] for row in rows["ledger_transfer"] if row[3] == TransferKind.HOLD}
        assert all(held[reference] == amount for reference, amount in resolved.items())
        for by_side in sums.values():
            assert sum(by_side.values()) == 0
            assert by_side.get(LedgerAccount.CLEARING, 0) == 0
            assert by_side.get(LedgerAccount.LEASED, 0) == 0


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory, postgresql_url: str) -> Iterator[list[MoneyHouse]]:
    made = new_houses([f"sqlite:///{tmp_path_factory.mktemp('money')}/store.db", postgresql_url])
    yield made
    for house in made:
        house.database.close()


def test_whatever_happens_the_books_hold_and_both_databases_keep_the_same(houses: list[MoneyHouse]) -> None:
    machine = type("MoneyOnBoth", (MoneyMachine,), {"houses": houses})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
