"""The configuration fills a new store once; afterwards the store counts and a difference is told."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from shard import NOW_US

from operator_push.bootstrap.first_filling import tariff_at_start
from operator_push.config import Settings, TariffSettings
from operator_push.domain.tariff import Tariff
from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes
from operator_push.services.manage_tariff import ManageTariff, StoredTariff, TariffInForce
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.migrate import upgrade

FIRST = TariffSettings(price_per_segment="0.10", currency="INR")
OTHER = TariffSettings(price_per_segment="0.20", currency="INR")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/store.db"
    upgrade(url)
    database = Database.open(url)
    yield database
    database.close()


@pytest.fixture(autouse=True)
def everything_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def start(database: Database, *tariff: TariffSettings) -> StoredTariff:
    settings = Settings(tariff=tariff)
    return database.run(lambda connection: tariff_at_start(connection, settings, NOW_US))


def change(database: Database, stored: StoredTariff, row: TariffSettings) -> None:
    in_force = TariffInForce(Tariff(each.price for each in stored.prices))
    changes = Changes()
    ManageTariff(in_force, stored).replace([row.as_row()], "ann", NOW_US, changes)
    database.run(lambda connection: write_batch(connection, changes, 0))


def test_a_new_store_is_filled_from_the_file(database: Database) -> None:
    stored = start(database, FIRST)
    assert [each.price for each in stored.prices] == [FIRST.as_row()]
    assert start(database, FIRST) == stored


def test_without_any_tariff_nothing_starts(database: Database) -> None:
    with pytest.raises(OperatorError, match=r"no \[\[tariff\]\] table"):
        start(database)


def test_an_edited_file_is_told_and_does_not_count(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    stored = start(database, FIRST)
    caplog.clear()
    assert start(database, OTHER) == stored
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "operator-push tariff import FILE" in record.getMessage()


def test_a_file_that_commands_have_overtaken_is_no_warning(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    change(database, start(database, FIRST), OTHER)
    caplog.clear()
    stored = start(database, FIRST)
    assert [each.price.price_micros for each in stored.prices] == [200_000]
    (record,) = caplog.records
    assert (record.levelname, "by ann" in record.getMessage()) == ("INFO", True)


def test_a_file_that_says_what_is_in_force_is_silent(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    change(database, start(database, FIRST), OTHER)
    caplog.clear()
    start(database, OTHER)
    assert caplog.records == []
