"""The calls tariff.*: rows in JSON, answers after the commit."""

from typing import Any

import pytest
from control_desk import Written, call, committer_over
from shard import NOW_US

from operator_push.domain.tariff import Tariff, TariffRow
from operator_push.gateway.control_server import Handler
from operator_push.gateway.tariff_commands import TariffCommands
from operator_push.kernel.errors import OperatorError
from operator_push.services.manage_documents import ManageDocuments
from operator_push.services.manage_tariff import ManageTariff, TariffInForce, first_tariff

ROWS = [TariffRow("", 100_000, "INR")]


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def handlers(written: Written) -> dict[str, Handler]:
    in_force = TariffInForce(Tariff(ROWS))
    tariff = ManageTariff(in_force, first_tariff(ROWS, "configuration", NOW_US))
    return TariffCommands(tariff, ManageDocuments(), committer_over(written)).handlers()


def test_show_tells_every_row_and_who_made_it(handlers: dict[str, Handler]) -> None:
    assert call(handlers, "tariff.show") == {
        "in_force": "rows",
        "version": 1,
        "rows": [
            {
                "prefix": "",
                "traffic_class": "any",
                "price_micros": 100_000,
                "currency": "INR",
                "valid_from": None,
                "valid_until": None,
                "version": 1,
                "changed_at": "2027-01-15T08:00:00.000000Z",
                "changed_by": "configuration",
            }
        ],
    }


def test_set_counts_from_now_and_is_written_before_the_answer(
    handlers: dict[str, Handler], written: Written
) -> None:
    answer = call(handlers, "tariff.set", prefix="91", price_micros=5, traffic_class="service", by="ann")
    assert answer == {"version": 2, "added": 1, "ended": 0, "unchanged": 1, "in_force": "rows"}
    ((table, row),) = written.upserts
    assert (table, row["prefix"], row["price_micros"], row["changed_by"]) == ("tariff_row", "91", 5, "ann")
    priced = call(handlers, "tariff.price", destination="+91 98123 45678", traffic_class="service")
    assert priced["row"]["price_micros"] == 5
    assert call(handlers, "tariff.price", destination="919812345678")["row"]["price_micros"] == 100_000


def test_a_price_may_be_planned_and_ended(handlers: dict[str, Handler]) -> None:
    call(handlers, "tariff.set", prefix="91", price_micros=5, valid_from="2999-01-01T00:00:00+05:30")
    later = call(handlers, "tariff.price", destination="919812345678", at="2999-06-01T00:00:00Z")
    assert later["row"]["valid_from"] == "2998-12-31T18:30:00.000000Z"
    call(handlers, "tariff.end", prefix="91", **{"from": "2999-02-01T00:00:00Z"})
    again = call(handlers, "tariff.price", destination="919812345678", at="2999-06-01T00:00:00Z")
    assert again["row"]["prefix"] == ""


def test_import_takes_what_show_gives(handlers: dict[str, Handler]) -> None:
    rows = call(handlers, "tariff.show")["rows"]
    answer = call(handlers, "tariff.import", rows=[*rows, {**rows[0], "prefix": "91", "price_micros": 1}])
    assert answer == {"version": 2, "added": 1, "ended": 0, "unchanged": 1, "in_force": "rows"}


@pytest.mark.parametrize(
    ("do", "args", "told"),
    [
        ("tariff.import", {"rows": [{"prefix": "91"}]}, "row 1: 'price_micros' is missing"),
        ("tariff.import", {"rows": []}, "at least one row"),
        ("tariff.set", {"price_micros": 1.5}, "price_micros 1.5 is not a whole number"),
        ("tariff.set", {"price_micros": 1, "prefix": "+91"}, r"prefix '\+91'"),
        ("tariff.set", {"price_micros": 1, "traffic_class": "loud"}, "'loud' is not one of transactional"),
        ("tariff.set", {"price_micros": 1, "valid_from": "soon"}, "valid_from 'soon' is not a moment"),
        ("tariff.end", {"prefix": "44"}, "no row has a price"),
        ("tariff.price", {"destination": "12"}, "not an international number"),
        ("tariff.price", {"destination": "919812345678", "traffic_class": "any"}, "has one of"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(
    handlers: dict[str, Handler], written: Written, do: str, args: dict[str, Any], told: str
) -> None:
    with pytest.raises(OperatorError, match=told):
        call(handlers, do, **args)
    assert written.upserts == []
