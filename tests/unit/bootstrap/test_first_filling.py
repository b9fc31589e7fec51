"""The configuration fills a new store once; afterwards the store counts and a difference is told."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from shard import NOW_US

from operator_push.bootstrap.first_filling import links_at_start, routing_at_start, tariff_at_start
from operator_push.config import NetworkSettings, RouteSettings, Settings, SmscSettings, TariffSettings
from operator_push.domain.tariff import Tariff
from operator_push.kernel.errors import OperatorError
from operator_push.services.changes import Changes
from operator_push.services.manage_links import LinkRecord, LinkState
from operator_push.services.manage_tariff import ManageTariff, StoredTariff, TariffInForce
from operator_push.store import link_rows, routing_rows
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


def link(name: str = "main", **more: object) -> SmscSettings:
    asked = {"host": "a", "system_id": "x", "password": SecretStr("pw"), **more}
    return SmscSettings(name=name, **asked)  # type: ignore[arg-type]


def start_links(database: Database, *links: SmscSettings) -> list[LinkRecord]:
    settings = Settings(smsc=links)
    return database.run(lambda connection: links_at_start(connection, settings, NOW_US))


def leave(database: Database, record: LinkRecord, **changed: object) -> None:
    """As a command would have left the row."""
    left = replace(record, changed_by="ann", **changed)  # type: ignore[arg-type]
    database.run(lambda connection: link_rows.write_link(connection, left))


def test_a_link_that_the_store_does_not_know_is_taken_from_the_file(database: Database) -> None:
    (main,) = start_links(database, link(window=5))
    assert (main.link_no, main.state, main.settings["window"]) == (1, LinkState.ACTIVE, 5)
    assert main.password == ""  # it stays where it is kept
    assert [each.name for each in start_links(database, link(window=5), link("north"))] == ["main", "north"]


def test_an_edited_link_is_told_by_key_with_the_command_that_takes_it(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    start_links(database, link(window=5, prefixes=("91",)))
    caplog.clear()
    (main,) = start_links(database, link(window=6))
    assert main.settings["window"] == 5
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "about prefixes, window" in record.getMessage()
    assert "operator-push link set main prefixes= window=6" in record.getMessage()


def test_a_link_that_commands_have_changed_is_no_warning(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    (main,) = start_links(database, link())
    leave(database, main, settings={**main.settings, "window": 5})
    caplog.clear()
    (main,) = start_links(database, link())
    assert main.settings["window"] == 5
    assert [record.levelname for record in caplog.records] == ["INFO"]


def test_a_removed_link_stays_removed(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    (main,) = start_links(database, link())
    leave(database, main, state=LinkState.RETIRED)
    caplog.clear()
    (main,) = start_links(database, link())
    assert main.state is LinkState.RETIRED
    (record,) = caplog.records
    assert "was removed" in record.getMessage()


def test_a_link_that_only_the_store_has_goes_on(database: Database) -> None:
    (main,) = start_links(database, link())
    assert start_links(database) == [main]


def test_routes_fill_a_store_that_never_had_one_and_then_the_store_counts(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    route, other = RouteSettings(links=("main",)), RouteSettings(links=("north",), prefix="91")
    network = NetworkSettings(prefix="9198", mcc="404", mnc="45")

    def begin(*routes: RouteSettings) -> list[tuple[str, int]]:
        caplog.clear()
        settings = Settings(route=routes, network=(network,))
        rows = database.run(lambda connection: routing_at_start(connection, settings, NOW_US))
        return [(row.kind.value, row.removed_us) for row in rows]

    assert begin(route) == [("route", 0), ("network", 0)] == begin(route)
    assert not caplog.records
    assert begin(other) == begin(route)  # an edited file does not count
    begin(other)
    assert "operator-push route add links='[\"north\"]' prefix=91" in caplog.text
    assert caplog.records[0].levelname == "WARNING"
    (row, _) = database.run(routing_rows.routing_rows)
    ended = replace(row, removed_us=NOW_US, removed_by="ann")
    database.run(lambda connection: routing_rows.write_routing_row(connection, ended))
    assert begin(route) == [("route", NOW_US), ("network", 0)]  # a restart brings nothing back
    assert [each.levelname for each in caplog.records] == ["INFO"]
