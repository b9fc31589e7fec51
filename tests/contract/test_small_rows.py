"""Small tables: what the registry puts comes back, numbers are given once, cursors move."""

import pytest
from sqlalchemy.exc import IntegrityError
from store_rows import NOON_US, SHARD

from operator_push.services.changes import Changes
from operator_push.services.registry import Account, CampaignRecord, Registry
from operator_push.store import small_rows
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch

ACCOUNT = Account(
    account_no=1,
    name="demo",
    kind="esme",
    brand_no=1,
    password_hash="scrypt$…",
    active=True,
    traffic_class=1,
    category=0,
    allowed_sources=("CHAI", "56070"),
    any_destination=True,
    window=100,
    binds_max=10,
    currency="INR",
    created_us=NOON_US,
)
CAMPAIGN = CampaignRecord(
    campaign_no=1,
    name="monsoon",
    account_no=1,
    brand_no=1,
    category=8,
    rule="age >= 18",
    source="CHAI",
    text="चाय?",
    state="ORDERED",
    audience=1_000,
    segments=1,
    price_micros=100_000,
    quoted_micros=100_000_000,
    valid_until_us=NOON_US,
    ordered_by="demo",
    approved_by="",
    checkpoint=0,
    created_us=NOON_US,
    changed_us=NOON_US,
)


def test_what_the_registry_puts_comes_back(database: Database) -> None:
    registry, changes = Registry(), Changes()
    registry.brand_no("Chai Point", changes)
    registry.put_account(ACCOUNT, changes)
    registry.put_campaign(CAMPAIGN, changes)
    database.run(lambda connection: write_batch(connection, changes, SHARD))
    assert database.read(small_rows.brands) == [(1, "Chai Point")]
    assert database.read(small_rows.accounts) == [ACCOUNT]
    assert database.read(small_rows.campaigns) == [CAMPAIGN]


def test_top_ups_by_the_clients_reference(database: Database) -> None:
    row = {"account_no": 1, "client_reference": "invoice 7", "reference": 5, "amount_micros": 9, "at_us": 1}
    for _ in range(2):  # once more changes nothing
        database.run(lambda connection: small_rows.upsert(connection, "top_up", row))
    assert database.read(small_rows.top_ups) == {(1, "invoice 7"): 9}


def test_an_upsert_does_not_take_another_rows_name(database: Database) -> None:
    def put(number: int, name: str) -> None:
        row: dict[str, object] = {"brand_no": number, "name": name}
        database.run(lambda connection: small_rows.upsert(connection, "brand", row))

    put(1, "Chai Point")
    put(1, "Chai Point India")
    with pytest.raises(IntegrityError):
        put(2, "Chai Point India")
    assert database.read(small_rows.brands) == [(1, "Chai Point India")]


def test_a_link_keeps_its_number(database: Database) -> None:
    numbers = [
        database.run(lambda connection, name=name: small_rows.link_no(connection, name))
        for name in ("north", "south", "north")
    ]
    assert numbers == [1, 2, 1]


def test_incarnations_count_by_shard(database: Database) -> None:
    counted = [
        database.run(lambda each, shard=shard: small_rows.begin_incarnation(each, shard, NOON_US))
        for shard in (0, 0, 1, 0)
    ]
    assert counted == [1, 2, 1, 3]


def test_a_sink_is_told_from_its_cursor(database: Database) -> None:
    assert database.read(lambda connection: small_rows.sink_sequence(connection, "webhook", SHARD)) == 0
    for sequence in (5, 9):
        row: dict[str, object] = {"sink": "webhook", "shard": SHARD, "sequence": sequence}
        database.run(lambda connection, row=row: small_rows.upsert(connection, "sink_cursor", row))
    assert database.read(lambda connection: small_rows.sink_sequence(connection, "webhook", SHARD)) == 9


def test_a_cdr_period_is_known_by_its_content(database: Database) -> None:
    row: dict[str, object] = {"content_sha256": "ab", "file_name": "smsc.csv", "rows_read": 3, "at_us": 1}
    assert not database.read(lambda connection: small_rows.is_period_read(connection, "ab"))
    database.run(lambda connection: small_rows.upsert(connection, "cdr_period", row))
    assert database.read(lambda connection: small_rows.is_period_read(connection, "ab"))
