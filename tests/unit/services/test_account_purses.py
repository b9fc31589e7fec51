"""Money terms of accounts: who pays, up to where, who is warned, and who gets a part of what is earned."""

import pytest
from shard import ACCOUNT, BRAND, NOW_US, PRICE_MICROS, Shard

from operator_push.domain.facts import AccountPolicy
from operator_push.domain.ledger import LedgerAccount, Transfer, TransferKind, verify
from operator_push.domain.message import MessageState, RefusalReason
from operator_push.domain.purses import REWARD_ACCOUNTS_FROM
from operator_push.kernel.errors import OperatorError
from operator_push.services.account_purses import AccountPurses, Warned, family_of
from operator_push.services.finish_message import TOLD_BY_RECEIPT
from operator_push.services.manage_accounts import ManageAccounts
from operator_push.services.open_messages import OpenMessage
from operator_push.services.registry import Account, Registry


class House(Shard):
    """A shard with accounts: "shop" is number 1, whose messages `offer` makes; others come after it."""

    def __init__(self) -> None:
        super().__init__(segments_paid=0)
        self.registry = Registry()
        self.accounts = ManageAccounts(self.registry, self.facts, self.balances, self.ids, {})
        self.purses = AccountPurses(self.registry, self.balances)
        self.accounts.on_changed.append(lambda account: self.purses.apply(NOW_US))
        self.warned: list[Warned] = []
        self.purses.on_warning.append(self.warned.append)
        self.add("shop")

    def add(self, name: str, **asked: object) -> Account:
        account = self.accounts.add({"name": name, **asked}, "hash", NOW_US, self.changes)
        self.facts.accounts[account.account_no] = AccountPolicy(account.account_no, BRAND)
        return account

    def set(self, **asked: object) -> Account:
        account = self.accounts.change({"name": "shop", **asked}, None, NOW_US, self.changes)
        self.facts.accounts[ACCOUNT] = AccountPolicy(ACCOUNT, BRAND)
        return account

    def top_up(self, name: str, segments: int) -> None:
        self.accounts.top_up(name, segments * PRICE_MICROS, name, NOW_US, self.changes)

    def admit(self, subscriber_no: int = 1) -> OpenMessage:
        (accepted,) = self.accept(self.offer(subscriber_no))
        assert accepted.message is not None, accepted.reason
        return accepted.message

    def refused(self) -> RefusalReason | None:
        (accepted,) = self.accept(self.offer())
        return accepted.reason

    def end(self, message: OpenMessage, state: MessageState = MessageState.DELIVERED) -> None:
        segment = message.segments[0]
        self.finish.segment_ended(1, message, segment, state, TOLD_BY_RECEIPT, "", NOW_US, self.changes)

    def proof(self) -> dict[tuple[int, LedgerAccount], int]:
        """The ledger's rows are proved, and agree with the staged balances; the balances."""
        rows = [
            Transfer(
                *row[:3], TransferKind(row[3]), row[4], LedgerAccount(row[5]), LedgerAccount(row[6]), *row[7:]
            )
            for row in self.changes.ledger_transfer
        ]
        proof = verify(rows, self.changes.balance_micros)
        assert proof.ok, proof.first_error
        return proof.balances


def test_a_family_is_everybody_under_one_parent() -> None:
    house = House()
    for name, parent in (("agency", None), ("tea", "agency"), ("milk", "tea"), ("bank", None)):
        house.add(name, **({"parent": parent} if parent else {}))
    families = {each.name: family_of(house.registry.accounts(), each) for each in house.registry.accounts()}
    assert families["milk"] == families["tea"] == families["agency"] == ["agency", "tea", "milk"]
    assert (families["bank"], families["shop"]) == (["bank"], ["shop"])


def test_a_house_without_money_terms_has_no_purse() -> None:
    house = House()
    house.top_up("shop", 1)
    house.end(house.admit())
    assert (house.balances.purses, house.balances.payers, house.warned) == ({}, {}, [])
    assert house.purses.usage(ACCOUNT, NOW_US) == {}


def test_a_child_pays_from_its_parents_money_and_the_rows_stand_on_the_parent() -> None:
    house = House()
    house.add("agency")
    house.top_up("agency", 2)
    house.set(parent="agency", pays_from="parent")
    message = house.admit()
    house.end(house.admit(2), MessageState.UNDELIVERABLE)
    house.end(message)
    balances = house.proof()
    assert balances[(2, LedgerAccount.REVENUE)] == PRICE_MICROS
    assert balances[(2, LedgerAccount.AVAILABLE)] == PRICE_MICROS
    assert (ACCOUNT, LedgerAccount.REVENUE) not in balances
    assert house.balances.payers == {}
    assert house.purses.usage(ACCOUNT, NOW_US)["pays"] == "agency"


def test_a_hold_placed_on_a_parents_money_is_resolved_there_whoever_pays_by_then() -> None:
    house = House()
    house.add("agency")
    house.top_up("agency", 1)
    house.set(parent="agency", pays_from="parent")
    message = house.admit()
    house.set(pays_from=None, parent=None)
    house.end(message)
    assert house.proof()[(2, LedgerAccount.REVENUE)] == PRICE_MICROS


def test_shares_and_rewards_are_posted_with_the_settle() -> None:
    house = House()
    house.add("reseller")
    house.add("agency", parent="reseller", parent_share_ppm=50_000)
    house.set(parent="agency", parent_share_ppm=100_000, reward_ppm=20_000)
    house.top_up("shop", 3)
    house.end(house.admit(4))
    house.end(house.admit(5), MessageState.EXPIRED)
    balances = house.proof()
    parts = (PRICE_MICROS // 10, PRICE_MICROS // 20, PRICE_MICROS // 50)
    assert balances[(3, LedgerAccount.EARNED)] == parts[0]
    assert balances[(2, LedgerAccount.EARNED)] == parts[1]
    assert balances[(REWARD_ACCOUNTS_FROM + 4, LedgerAccount.EARNED)] == parts[2]
    assert balances[(ACCOUNT, LedgerAccount.REVENUE)] == PRICE_MICROS - sum(parts)
    assert sum(balances[key] for key in balances if key[1] is LedgerAccount.CLEARING) == 0


def test_a_postpaid_account_spends_its_line_and_not_a_micro_more() -> None:
    house = House()
    house.set(credit_limit_micros=2 * PRICE_MICROS)
    house.end(house.admit())
    second = house.admit(2)
    assert house.refused() is RefusalReason.NO_CREDIT
    house.set(credit_limit_micros=PRICE_MICROS)
    house.end(second, MessageState.REJECTED)
    assert house.balances.spendable(ACCOUNT, NOW_US) == 0
    assert house.refused() is RefusalReason.NO_CREDIT
    balances = house.proof()
    assert balances[(ACCOUNT, LedgerAccount.CREDIT)] == -2 * PRICE_MICROS


def test_a_monthly_cap_counts_holds_and_gets_back_what_was_released() -> None:
    house = House()
    house.set(monthly_cap_micros=2 * PRICE_MICROS, quota_zone="Asia/Kolkata")
    house.top_up("shop", 9)
    house.end(house.admit())
    message = house.admit(2)
    assert house.refused() is RefusalReason.OVER_CAP
    house.end(message, MessageState.REJECTED)
    assert house.purses.usage(ACCOUNT, NOW_US)["month_used_micros"] == PRICE_MICROS
    house.admit(3)
    assert house.refused() is RefusalReason.OVER_CAP
    house.set(monthly_cap_micros=None)
    house.admit(4)
    house.proof()


def test_a_parents_cap_holds_for_a_child_that_pays_for_itself() -> None:
    house = House()
    house.add("agency", monthly_cap_micros=PRICE_MICROS)
    house.set(parent="agency")
    house.top_up("shop", 9)
    house.admit()
    assert house.refused() is RefusalReason.OVER_CAP


def test_soft_limits_are_told_once_until_they_have_gone() -> None:
    house = House()
    house.set(warn_below_micros=2 * PRICE_MICROS, monthly_cap_micros=4 * PRICE_MICROS, warn_at_percent=75)
    house.top_up("shop", 4)
    first = house.admit()
    house.admit(2)
    assert house.warned == []
    third = house.admit(3)
    assert [each.kind for each in house.warned] == ["low_balance", "monthly_cap"]
    house.admit(4)
    assert len(house.warned) == 2
    shown = house.purses.usage(ACCOUNT, NOW_US)["warnings"]
    assert [each["kind"] for each in shown] == ["low_balance", "monthly_cap"]  # type: ignore[attr-defined]
    for message in (first, third):
        house.end(message, MessageState.REJECTED)
    assert house.purses.warnings(ACCOUNT, NOW_US) == []
    house.admit(5)
    house.admit(6)
    assert len(house.warned) == 4


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"parent": "nobody"}, "is no account"),
        ({"parent": "shop"}, "a parent of itself"),
        ({"parent": "d"}, "more than 3 parents"),
        ({"parent": "child"}, "a parent of itself"),
        ({"pays_from": "parent"}, "mean nothing without a parent"),
        ({"parent": "a", "pays_from": "parent", "credit_limit_micros": 1}, "own money"),
        ({"parent": "a", "parent_share_ppm": 600_000, "reward_ppm": 500_000}, "more than all"),
        ({"reward_ppm": 1_000_001}, "millionths in 0..1000000"),
        ({"lease_slice_micros": 0}, "lend nothing"),
    ],
)
def test_what_cannot_be_agreed_is_refused_and_changes_nothing(asked: dict[str, object], words: str) -> None:
    house = House()
    house.add("child", parent="shop")
    house.add("a")
    house.add("b", parent="a")
    house.add("c", parent="b")
    house.add("d", parent="c")
    before = house.registry.account_named("shop")
    with pytest.raises(OperatorError, match=words):
        house.set(**asked)
    assert house.registry.account_named("shop") == before
