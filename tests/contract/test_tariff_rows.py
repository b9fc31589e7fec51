"""Tariff rows on both databases: what is in force comes back, and so does what was."""

from store_rows import NOON_US, SHARD

from operator_push.domain.tariff import Tariff, TariffRow
from operator_push.services.changes import Changes
from operator_push.services.manage_tariff import ManageTariff, StoredTariff, TariffInForce, first_tariff
from operator_push.store import tariff_rows
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch

ROWS = [TariffRow("", 100_000, "INR"), TariffRow("91", 50_000, "INR", valid_until_us=NOON_US)]


def test_an_empty_store_has_no_tariff(database: Database) -> None:
    assert database.read(tariff_rows.stored_tariff) == StoredTariff((), 0, 0)


def test_a_first_tariff_comes_back(database: Database) -> None:
    stored = first_tariff(ROWS, "configuration", NOON_US)
    database.run(lambda connection: tariff_rows.write_tariff(connection, stored))
    assert database.read(tariff_rows.stored_tariff) == stored


def test_changes_come_back_and_the_numbers_go_on(database: Database) -> None:
    stored = first_tariff(ROWS, "configuration", NOON_US)
    database.run(lambda connection: tariff_rows.write_tariff(connection, stored))
    tariff, changes = ManageTariff(TariffInForce(Tariff(ROWS)), stored), Changes()
    tariff.set_price(TariffRow("44", 7, "INR"), "ann", NOON_US, changes)
    tariff.end_price("44", None, 0, "bob", NOON_US, changes)
    database.run(lambda connection: write_batch(connection, changes, SHARD))
    found = database.read(tariff_rows.stored_tariff)
    assert found.prices == stored.prices
    assert (found.last_row_no, found.version) == (3, 3)


def test_what_an_earlier_version_said_can_be_read(database: Database) -> None:
    stored = first_tariff(ROWS, "configuration", NOON_US)
    database.run(lambda connection: tariff_rows.write_tariff(connection, stored))
    tariff, changes = ManageTariff(TariffInForce(Tariff(ROWS)), stored), Changes()
    tariff.replace([TariffRow("", 1, "INR")], "ann", NOON_US, changes)
    database.run(lambda connection: write_batch(connection, changes, SHARD))

    def prices(version: int) -> list[int]:
        found = database.read(lambda connection: tariff_rows.prices_of_version(connection, version))
        return [each.price.price_micros for each in found]

    assert (prices(1), prices(2)) == ([100_000, 50_000], [1])
