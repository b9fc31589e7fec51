"""The tariff changes while messages are priced by it, and nothing of its history is lost."""

import pytest
from shard import NOW_US, PRICE_MICROS, SECOND_US, Shard

from operator_push.domain.message import TrafficClass
from operator_push.domain.tariff import Tariff, TariffRow
from operator_push.kernel.errors import OperatorError
from operator_push.services.accept_submissions import AcceptSubmissions
from operator_push.services.changes import Changes
from operator_push.services.manage_tariff import (
    ManageTariff,
    TariffInForce,
    content,
    first_tariff,
    price_of_row,
)

EVERYWHERE = TariffRow("", 100_000, "INR")
INDIA = TariffRow("91", 50_000, "INR")
LATER_US = NOW_US + SECOND_US


@pytest.fixture
def in_force() -> TariffInForce:
    return TariffInForce(Tariff([EVERYWHERE, INDIA]))


@pytest.fixture
def tariff(in_force: TariffInForce) -> ManageTariff:
    return ManageTariff(in_force, first_tariff([EVERYWHERE, INDIA], "configuration", NOW_US))


def rows_of(changes: Changes) -> dict[int, tuple[str, int, int, int]]:
    """row_no → (prefix, price, version, ended_version) as written."""
    assert all(table == "tariff_row" for table, _ in changes.upserts)
    stored = [price_of_row(row) for _, row in changes.upserts]
    return {
        each.row_no: (each.price.prefix, each.price.price_micros, each.version, each.ended_version)
        for each in stored
    }


def test_a_price_counts_for_the_next_message_and_open_holds_stay(in_force: TariffInForce) -> None:
    shard = Shard()
    in_force.put(Tariff([TariffRow("", PRICE_MICROS, "INR")]))
    tariff = ManageTariff(in_force, first_tariff(in_force.tariff.rows, "configuration", NOW_US))
    accept = AcceptSubmissions(
        0, shard.ids, shard.policy, in_force, shard.balances, shard.messages, open_max=10
    )
    (before,) = accept.accept([shard.offer()], NOW_US, shard.changes)
    tariff.set_price(TariffRow("", 7, "INR", valid_from_us=LATER_US), "ann", LATER_US, shard.changes)
    (after,) = accept.accept([shard.offer()], LATER_US, shard.changes)
    assert before.message is not None
    assert after.message is not None
    assert (before.message.price_micros, after.message.price_micros) == (PRICE_MICROS, 7)
    assert shard.balances.held(1) == PRICE_MICROS + 7


def test_a_change_ends_a_row_and_begins_others_with_who_and_when(tariff: ManageTariff) -> None:
    changes = Changes()
    price = TariffRow("91", 60_000, "INR", valid_from_us=LATER_US)
    done = tariff.set_price(price, "ann", LATER_US, changes)
    assert (done.version, done.added, done.ended, done.unchanged) == (2, 2, 1, 1)
    assert rows_of(changes) == {2: ("91", 50_000, 1, 2), 3: ("91", 50_000, 2, 0), 4: ("91", 60_000, 2, 0)}
    ended = price_of_row(changes.upserts[0][1])
    assert (ended.ended_by, ended.ended_us, ended.changed_by) == ("ann", LATER_US, "configuration")
    assert [content(each.price)[0] for each in tariff.prices()] == ["", "91", "91"]


def test_an_import_keeps_what_stands_in_both(tariff: ManageTariff, in_force: TariffInForce) -> None:
    changes = Changes()
    done = tariff.replace([TariffRow("44", 1, "INR"), EVERYWHERE], "ann", LATER_US, changes)
    assert (done.added, done.ended, done.unchanged) == (1, 1, 1)
    assert rows_of(changes) == {2: ("91", 50_000, 1, 2), 3: ("44", 1, 2, 0)}
    assert in_force.price_per_segment("919812345678", TrafficClass.SERVICE, LATER_US) == 100_000


def test_the_same_tariff_again_is_no_new_version(tariff: ManageTariff) -> None:
    changes = Changes()
    done = tariff.replace([INDIA, EVERYWHERE], "ann", LATER_US, changes)
    assert (done.version, done.added, done.ended, done.unchanged) == (1, 0, 0, 2)
    assert changes.is_empty()


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "at least one row"),
        ([INDIA, INDIA], "two rows price the same"),
        ([TariffRow("", 1, "EUR")], r"in EUR, but balances and open holds are in INR"),
        ([TariffRow("", -1, "INR")], "negative"),
    ],
)
def test_a_bad_tariff_changes_nothing(
    tariff: ManageTariff, in_force: TariffInForce, rows: list[TariffRow], told: str
) -> None:
    before, changes = in_force.tariff, Changes()
    with pytest.raises(OperatorError, match=told):
        tariff.replace(rows, "ann", NOW_US, changes)
    assert in_force.tariff is before
    assert changes.is_empty()
    assert tariff.version == 1


def test_a_price_ends_and_the_shorter_prefix_applies(tariff: ManageTariff, in_force: TariffInForce) -> None:
    tariff.end_price("91", None, LATER_US, "ann", LATER_US, Changes())
    assert in_force.price_per_segment("9198", TrafficClass.SERVICE, LATER_US - 1) == 50_000
    assert in_force.price_per_segment("9198", TrafficClass.SERVICE, LATER_US) == 100_000
    with pytest.raises(OperatorError, match="no row has a price for prefix '91' and class any"):
        tariff.end_price("91", None, LATER_US, "ann", LATER_US, Changes())


def test_the_only_price_does_not_end(in_force: TariffInForce) -> None:
    in_force.put(Tariff([INDIA]))
    tariff = ManageTariff(in_force, first_tariff([INDIA], "configuration", NOW_US))
    with pytest.raises(OperatorError, match="the only price"):
        tariff.end_price("91", None, 0, "ann", NOW_US, Changes())


def test_a_stored_row_comes_back() -> None:
    price = TariffRow("91", 5, "INR", TrafficClass.PROMOTIONAL, NOW_US, LATER_US)
    (stored,) = first_tariff([price], "configuration", NOW_US).prices
    assert price_of_row(stored.as_row()) == stored
