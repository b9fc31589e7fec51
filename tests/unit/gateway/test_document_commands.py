"""The calls of tariff documents: imported, shown, chosen, and a price with its reasons."""

from typing import Any

import pytest
from control_desk import Written, call, committer_over
from priced_shard import NAME, account
from shard import ACCOUNT, MSISDN, NOW_US

from operator_push.domain.rating.values import Usage
from operator_push.domain.tariff import Tariff, TariffRow
from operator_push.gateway.control_server import Handler
from operator_push.gateway.document_commands import DocumentCommands
from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes
from operator_push.services.manage_documents import ManageDocuments
from operator_push.services.manage_tariff import ManageTariff, TariffInForce, first_tariff
from operator_push.services.price_by_documents import PriceByDocuments
from operator_push.services.registry import Registry
from operator_push.services.usage_book import UsageBook

ROWS = [TariffRow("", 100_000, "INR")]
TEXT = """tariff = "own"
version = 1
currency = "INR"
[[price]]
name = "all"
tiers = [{ up_to = 3, per_segment = "0.30" }, { per_segment = "0.20" }]
"""
ASKED = {"account": NAME, "destination": f"+{MSISDN}", "segments": 2, "traffic_class": "service"}


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def book() -> UsageBook:
    return UsageBook()


@pytest.fixture
def handlers(written: Written, book: UsageBook) -> dict[str, Handler]:
    registry = Registry(accounts=[account()])
    prices = PriceByDocuments(ManageDocuments(), registry, book)
    rows = ManageTariff(TariffInForce(Tariff(ROWS)), first_tariff(ROWS, "configuration", NOW_US))
    committer = committer_over(written)
    return DocumentCommands(prices, rows, registry, lambda msisdn: 7, "INR", committer).handlers()


def imported(handlers: dict[str, Handler], **more: Any) -> dict[str, Any]:
    return call(handlers, "tariff.import_document", text=TEXT, file="own.toml", by="ann", **more)


def test_the_first_version_of_a_tariff_is_put_in_force(
    handlers: dict[str, Handler], written: Written
) -> None:
    result = imported(handlers)
    assert (result["new"], result["in_force"], result["document"]["imported_by"]) == (True, "own", "ann")
    assert [table for table, _ in written.upserts] == ["tariff_document", "tariff_choice"]
    assert call(handlers, "tariff.use", tariff="rows", by="ann") == {"in_force": "rows", "changed": True}
    assert (imported(handlers)["new"], imported(handlers)["in_force"]) == (False, "rows")
    listed = call(handlers, "tariff.documents")
    assert [(each["tariff"], each["version"]) for each in listed["documents"]] == [("own", 1)]
    assert call(handlers, "tariff.document", tariff="own", version=1)["document"]["text"] == TEXT


def test_a_tariff_with_taxes_beside_those_of_the_configuration_is_warned_of(written: Written) -> None:
    registry = Registry(accounts=[account()])
    prices = PriceByDocuments(ManageDocuments(), registry, UsageBook())
    rows = ManageTariff(TariffInForce(Tariff(ROWS)), first_tariff(ROWS, "configuration", NOW_US))
    committer = committer_over(written)
    commands = DocumentCommands(prices, rows, registry, lambda msisdn: 7, "INR", committer, ["GST"])
    assert "warning" not in imported(commands.handlers())
    taxed = TEXT.replace("version = 1", "version = 2") + '[[tax]]\nname = "VAT"\npercent = 18\n'
    told = call(commands.handlers(), "tariff.import_document", text=taxed, file="own.toml", by="ann")
    assert "version 2 states taxes (VAT) and [[invoices.tax]] has GST" in told["warning"]


def test_a_tariff_without_a_price_in_the_houses_currency_is_not_for_everybody(
    handlers: dict[str, Handler],
) -> None:
    dollars = TEXT.replace('currency = "INR"', 'currency = "USD"')
    told = call(handlers, "tariff.import_document", text=dollars, file="d.toml", by="ann", named_only=True)
    assert (told["new"], told["in_force"]) == (True, "rows")
    with pytest.raises(OperatorError, match=r"no price in INR.*add an \[\[exchange_rate\]\] to INR"):
        call(handlers, "tariff.use", tariff="own", by="ann")


def test_named_only_changes_nothing_for_the_others(handlers: dict[str, Handler]) -> None:
    assert imported(handlers, named_only=True)["in_force"] == "rows"
    told = call(handlers, "tariff.quote", **ASKED)
    assert (told["total_micros"], told["tariff"], told["version"]) == (200_000, "server", 1)


def test_a_quote_counts_on_top_of_what_was_used(handlers: dict[str, Handler], book: UsageBook) -> None:
    imported(handlers)
    at = "2026-05-10T12:00:00Z"
    book.take(ACCOUNT, "own", 202_605, 7, Usage(segments={"all": 2}), Changes())
    told = call(handlers, "tariff.quote", **ASKED, at=at)
    assert told["total_micros"] == 500_000
    assert [each["rule"] for each in told["rules"]][:3] == ["tariff", "contract", "price"]
    assert call(handlers, "tariff.quote", **ASKED, at="2026-06-10T12:00:00Z")["total_micros"] == 600_000
    assert call(handlers, "tariff.quote", **ASKED, at=at, usage={})["total_micros"] == 600_000
    assert call(handlers, "tariff.quote", **ASKED, at=at, state="expired")["total_micros"] == 0


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"destination": "12"}, "destination is not an international number"),
        ({"traffic_class": "free"}, "traffic_class 'FREE' is not one of transactional"),
        ({"encoding": "morse"}, "encoding 'morse' is not one of gsm7"),
        ({"state": "lost"}, "state 'LOST' is not one of accepted"),
        ({"usage": {"segments": 1}}, "usage: .*; give an object"),
        ({"segments": "2"}, "segments '2' is not a whole number"),
    ],
)
def test_what_cannot_be_asked_is_told(
    handlers: dict[str, Handler], asked: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(OperatorError, match=sentence):
        call(handlers, "tariff.quote", **(ASKED | asked))
