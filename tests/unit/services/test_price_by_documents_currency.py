"""An account has one currency: its prices, postings and relatives are in it, and nothing else prices it."""

import pytest
from priced_shard import account
from shard import ACCOUNT, NOW_US, Shard

from operator_push.domain.ledger import Balances, LedgerStatus
from operator_push.domain.message import MessageState, RefusalReason
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes
from operator_push.services.manage_accounts import ManageAccounts
from operator_push.services.manage_documents import ManageDocuments
from operator_push.services.price_by_documents import PriceByDocuments
from operator_push.services.registry import Registry
from operator_push.services.usage_book import UsageBook

TARIFF = """
tariff = "export"
version = 1
currency = "INR"
[[price]]
name = "all"
per_segment = "0.10"
[[exchange_rate]]
to = "USD"
rate = "0.0115"
valid_from = 2026-01-01T00:00:00Z
"""


class House(Shard):
    """The shard of tests.shard with a registry and documents; its own account is in USD."""

    def __init__(self, currency: str = "USD") -> None:
        super().__init__(segments_paid=0)
        self.registry = Registry(accounts=[account(currency)])
        self.documents = ManageDocuments()
        self.balances.currencies.update(self.registry.currencies_but("INR"))
        book = UsageBook()
        self.prices = PriceByDocuments(self.documents, self.registry, book, house_currency="INR")
        self.accounts = ManageAccounts(self.registry, self.facts, self.balances, self.ids, {})
        self.accounts.check_priced = self.prices.check_priced
        self.accounts.on_changed.append(lambda _: self.prices.account_changed())
        self.accept_use_case.documents = self.prices if self.prices.active else None
        self.balances.top_up(ACCOUNT, self.ids.next_id(NOW_US), 10_000)

    def choose(self, text: str = TARIFF, *, named_only: bool = False) -> None:
        stored, _ = self.documents.import_text(text, "f", "INR", "ann", NOW_US, self.changes, named_only)
        if not named_only:
            self.documents.choose(stored.document.tariff, "ann", NOW_US, self.changes)


def test_simple_rows_of_another_currency_price_nothing() -> None:
    house = House()
    (refused,) = house.accept(house.offer())
    assert refused.reason is RefusalReason.NO_ROUTE
    assert not house.changes.ledger_transfer


def test_a_message_is_held_and_settled_in_the_currency_of_its_account() -> None:
    house = House()
    house.choose()
    (accepted,) = house.accept(house.offer(segment_count=2))
    message = accepted.message
    assert message is not None
    assert message.charge is None  # the quick way of one price a segment, in another currency
    assert message.held_micros == 2 * 1_150
    for segment in message.segments:
        house.finish.segment_ended(1, message, segment, MessageState.DELIVERED, 1, "", NOW_US, house.changes)
    assert [(row[3], row[7], row[8]) for row in house.changes.ledger_transfer] == [
        (TransferKind.HOLD, 2_300, "USD"),
        (TransferKind.SETTLE, 2_300, "USD"),
    ]


def test_postings_by_hand_are_in_the_currency_of_the_account() -> None:
    balances = Balances()
    balances.currencies[2] = "USD"
    status, transfers = balances.top_up(2, 1, 5)
    assert (status, transfers[0].currency) == (LedgerStatus.TOPPED_UP, "USD")
    assert balances.move(TransferKind.CHARGE, 2, 2, 1).transfers[0].currency == "USD"
    assert balances.top_up(3, 3, 5).transfers[0].currency == "INR"


def add(house: House, **asked: object) -> str:
    return house.accounts.add({"name": "abroad", **asked}, "", NOW_US, Changes()).currency


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"currency": "usd"}, "'usd' is not a code of ISO 4217 such as INR"),
        ({"currency": "RUPEE"}, "'RUPEE' is not a code of ISO 4217"),
        (
            {"currency": "EUR", "tariff": "export"},
            r"no version of tariff 'export' is, or has",
        ),
        (
            {"currency": "USD", "tariff": "rows"},
            "the simple rows are in INR; name a tariff",
        ),
        ({"currency": "USD", "reward_ppm": 1}, "subscribers' rewards are kept in INR"),
        ({"currency": "USD", "parent": "home"}, "is in USD and its parent home in INR"),
        ({"currency": "INR", "parent": "shop"}, "is in INR and its parent shop in USD"),
    ],
)
def test_what_would_mix_currencies_is_refused(asked: dict[str, object], said: str) -> None:
    house = House()
    house.choose()
    house.accounts.add({"name": "home"}, "", NOW_US, Changes())
    with pytest.raises(OperatorError, match=said):
        add(house, **asked)
    assert house.registry.account_named("abroad") is None


def test_relatives_share_one_currency() -> None:
    house = House()
    house.choose()
    assert add(house, currency="USD", parent="shop", pays_from="parent") == "USD"
    assert house.balances.currency_of(2) == "USD"


def test_a_tariff_of_another_currency_is_kept_for_those_who_name_it() -> None:
    house = House("INR")
    dollars = 'tariff = "dollars"\nversion = 1\ncurrency = "USD"\n[[price]]\nname = "all"\nper_segment = 1\n'
    with pytest.raises(OperatorError, match=r"is in USD and the house is in INR.*--named-only"):
        house.choose(dollars)
    house.choose(dollars, named_only=True)
    assert add(house, currency="USD", tariff="dollars") == "USD"
