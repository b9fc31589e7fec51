"""What is replaced is kept with the time in which it stood, and told of any moment since."""

import pytest
from sqlalchemy import Connection, delete, func, insert, select
from store_rows import NOON_US, SHARD

from operator_push.store import migrate, schema
from operator_push.store.database import Database
from operator_push.store.former_rows import Stood, kept_since, stood_at
from operator_push.store.small_rows import upsert_all

HOUR_US = 3_600_000_000
KEY = {"shard": SHARD, "subscriber_no": 7}


def noted(zone: str, at_us: int, number: int = 7) -> tuple[str, dict[str, object]]:
    row: dict[str, object] = {"shard": SHARD, "subscriber_no": number, "home_zone": zone}
    return "subscriber_clock", row | {"network_country": "", "changed_us": at_us}


@pytest.fixture
def changed(database: Database) -> Database:
    """Subscriber 7: London at noon, Paris an hour later, nowhere after two; 8: once, at one."""
    changes = [noted("Europe/London", NOON_US), noted("Europe/Paris", NOON_US + HOUR_US)]
    for change in (*changes, noted("Asia/Tokyo", NOON_US + HOUR_US, 8), noted("", NOON_US + 2 * HOUR_US)):
        database.run(lambda connection, change=change: upsert_all(connection, [change]))  # type: ignore[misc]
    return database


def zone_at(database: Database, at_us: int, number: int = 7) -> str | None:
    def work(connection: Connection) -> Stood:
        return stood_at(connection, schema.subscriber_clock, KEY | {"subscriber_no": number}, at_us)

    stood = database.read(work)
    return None if stood.row is None else str(stood.row["home_zone"])


def test_each_moment_has_what_stood_then(changed: Database) -> None:
    told = [zone_at(changed, NOON_US + at) for at in (-1, 0, HOUR_US - 1, HOUR_US, 2 * HOUR_US)]
    assert told == [None, "Europe/London", "Europe/London", "Europe/Paris", ""]
    assert [zone_at(changed, NOON_US + at, 8) for at in (0, HOUR_US)] == [None, "Asia/Tokyo"]


def test_what_is_written_again_after_a_doubt_is_kept_once(changed: Database) -> None:
    changed.run(lambda connection: upsert_all(connection, [noted("", NOON_US + 2 * HOUR_US)]))
    kept = changed.read(
        lambda connection: connection.execute(
            select(func.count()).select_from(schema.subscriber_clock_former)
        ).scalar()
    )
    assert kept == 2


def test_before_anything_was_kept_nothing_is_told_for_certain(changed: Database) -> None:
    def work(connection: Connection) -> tuple[Stood, Stood]:
        connection.execute(delete(schema.former_since))
        connection.execute(insert(schema.former_since).values(shard=SHARD, since_us=NOON_US))
        early, late = (
            stood_at(connection, schema.subscriber_clock, KEY | {"subscriber_no": 8}, at_us)
            for at_us in (NOON_US - 1, NOON_US)
        )
        return early, late

    early, late = changed.run(work)
    assert (early, late) == (Stood(None, is_known=False), Stood(None, is_known=True))


@pytest.mark.parametrize("is_older", [False, True])
def test_a_new_store_has_kept_everything_and_an_older_one_knows_since_when(
    empty_url: str, is_older: bool
) -> None:
    if is_older:
        migrate.upgrade(empty_url, "0043")
    migrate.upgrade(empty_url)
    database = Database.open(empty_url)
    assert (database.read(kept_since) > NOON_US - 10 * 365 * 24 * HOUR_US) is is_older
    database.close()
