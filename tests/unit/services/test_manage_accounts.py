"""Accounts are added and changed as a whole or not at all, and hold for the next message."""

import pytest

from operator_push.domain.ledger import Balances
from operator_push.domain.message import TrafficClass
from operator_push.domain.policy import PolicyFacts
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.services.changes import Changes
from operator_push.services.manage_accounts import BINDS_DEFAULT, ManageAccounts
from operator_push.services.registry import Account, Registry, account_from_row

NOW_US = 1_800_000_000_000_000


class Desk:
    """The use case over an empty registry."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.facts = PolicyFacts()
        self.changes = Changes()
        self.accounts = ManageAccounts(self.registry, self.facts, Balances(), IdSequence(), {})

    def add(self, **asked: object) -> Account:
        return self.accounts.add({"name": "shop", **asked}, "hash", NOW_US, self.changes)

    def change(self, password_hash: str | None = None, **asked: object) -> Account:
        return self.accounts.change({"name": "shop", **asked}, password_hash, NOW_US, self.changes)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_account_is_added_with_its_terms_and_read_back_from_its_row(desk: Desk) -> None:
    account = desk.add(rate_segments_per_s=50, source_ranges=["192.0.2.0/24"], senders=["SHOP"])
    assert account.terms.rate_segments_per_s == 50
    table, row = desk.changes.upserts[-1]
    assert table == "account"
    assert account_from_row(row) == account


def test_only_what_is_named_is_changed(desk: Desk) -> None:
    before = desk.add(rate_segments_per_s=50, max_binds=3, senders=["SHOP"])
    after = desk.change(window=7, daily_quota_segments=1000)
    assert (after.window, after.terms.daily_quota_segments) == (7, 1000)
    assert (after.binds_max, after.allowed_sources) == (before.binds_max, before.allowed_sources)
    assert (after.terms.rate_segments_per_s, after.password_hash) == (50, "hash")
    assert desk.registry.account_named("shop") == after


def test_null_puts_a_value_back_to_its_default(desk: Desk) -> None:
    desk.add(max_binds=3, senders=["SHOP"], rate_segments_per_s=50)
    after = desk.change(max_binds=None, senders=None, rate_segments_per_s=None)
    assert (after.binds_max, after.allowed_sources) == (BINDS_DEFAULT, ())
    assert after.terms.rate_segments_per_s is None


def test_the_policy_reads_the_change_at_once(desk: Desk) -> None:
    account = desk.add()
    desk.change(traffic_class="transactional", senders=["SHOP"], any_destination=True)
    policy = desk.facts.accounts[account.account_no]
    assert policy.traffic_class is TrafficClass.TRANSACTIONAL
    assert policy.allowed_sources == frozenset({"SHOP"})
    assert policy.any_destination


def test_a_new_password_replaces_the_old(desk: Desk) -> None:
    desk.add()
    assert desk.change("other").password_hash == "other"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"brand": "other"}, "brand: cannot be changed"),
        ({"window": 0}, "window"),
        ({"max_binds": "many"}, "max_binds"),
        ({"category": 9}, "category"),
        ({"senders": "SHOP"}, "senders"),
        ({"traffic_class": "urgent"}, "transactional"),
        ({"rate_segments_per_s": -1}, "rate_segments_per_s"),
    ],
)
def test_a_bad_value_changes_nothing(desk: Desk, asked: dict[str, object], words: str) -> None:
    before = desk.add()
    written = len(desk.changes.upserts)
    with pytest.raises(OperatorError, match=words):
        desk.change(
            max_binds=asked.get("max_binds", 5), **{k: v for k, v in asked.items() if k != "max_binds"}
        )
    assert desk.registry.account_named("shop") == before
    assert len(desk.changes.upserts) == written


def test_an_account_that_is_not_there_is_named(desk: Desk) -> None:
    with pytest.raises(OperatorError, match="no account is called 'shop'"):
        desk.change(window=5)


@pytest.mark.parametrize("misspelt", ["daily_quota", "allowed_sources", "binds_max"])
def test_a_misspelt_limit_is_no_account_without_that_limit(desk: Desk, misspelt: str) -> None:
    with pytest.raises(OperatorError, match=f"{misspelt}: is nothing of an account; .*max_binds"):
        desk.add(**{misspelt: 1})
    assert desk.registry.account_named("shop") is None
