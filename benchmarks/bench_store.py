"""What the store costs our processes: CPU time per batch, on SQLite and on PostgreSQL.

Run with `make bench`. Each round is one durable transaction; the figures are CPU time of this process (user
and system, the driver's thread included), since wall clock on a shared machine lies. `us_per_row` and
`us_per_message` in the extra columns are what the budget table counts.
"""

import itertools
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.util import await_only

from operator_push.kernel.ids import IdSequence
from operator_push.services.changes import Changes
from operator_push.store import migrate, schema
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.statements import insert_rows

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from postgresql_server import PostgresqlServer
from store_rows import NOON_US, keyed_row, message_row

ROUNDS = 30
DATABASE_NUMBERS = itertools.count(1)
BODY = b"x" * 225  # octets of a submit_sm with 160 characters
COLUMNS = [column.name for column in schema.message.columns]

Row = tuple[Any, ...]
Way = Callable[[Connection, list[Row]], None]


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    server = PostgresqlServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('store')}/store.db"
    else:
        url = request.getfixturevalue("server").create_database(f"bench_{next(DATABASE_NUMBERS)}")
    migrate.upgrade(url)
    database = Database.open(url)
    yield database
    database.close()


@pytest.fixture(scope="module")
def next_id() -> Callable[[], int]:
    sequence, moments = IdSequence(), itertools.count(NOON_US, 50)
    return lambda: sequence.next_id(next(moments))


def by_tuples(connection: Connection, rows: list[Row]) -> None:
    """The house's way: the driver's executemany with a statement compiled once."""
    insert_rows(connection, schema.message, rows)


def by_dictionaries(connection: Connection, rows: list[Row]) -> None:
    """SQLAlchemy's insert() with a dictionary per row."""
    connection.execute(schema.message.insert(), [dict(zip(COLUMNS, row, strict=True)) for row in rows])


def by_copy(connection: Connection, rows: list[Row]) -> None:
    """PostgreSQL's COPY: what the house's way may become where batches are large."""
    connection.exec_driver_sql("SELECT 1")  # begins the transaction
    driver: Any = connection.connection.driver_connection
    await_only(driver.copy_records_to_table("message", records=rows, columns=COLUMNS))


WAYS = [
    pytest.param(dialect, way, id=f"{dialect}-{way.__name__}")
    for dialect, ways in {
        "sqlite": (by_tuples, by_dictionaries),
        "postgresql": (by_tuples, by_dictionaries, by_copy),
    }.items()
    for way in ways
]


@pytest.mark.parametrize(("database", "way"), WAYS, indirect=["database"])
@pytest.mark.parametrize("batch", [10, 100, 500])
def test_insert_messages(
    benchmark: Any, database: Database, next_id: Callable[[], int], batch: int, way: Way
) -> None:
    def rows() -> tuple[tuple[list[Row]], dict[str, Any]]:
        return ([message_row(next_id(), body=BODY, trail=b"\x01\x01\x02\x01") for _ in range(batch)],), {}

    def write(rows: list[Row]) -> None:
        database.run(lambda connection: way(connection, rows))

    measure(benchmark, write, rows, "us_per_row", batch)


@pytest.mark.parametrize("messages", [10, 100, 500])
def test_write_whole_lives(
    benchmark: Any, database: Database, next_id: Callable[[], int], messages: int
) -> None:
    """Every row that one delivered, billed message with its receipt leaves, in one batch."""

    def batch() -> tuple[tuple[Changes], dict[str, Any]]:
        return (whole_lives([next_id() for _ in range(messages)], next_id),), {}

    def write(changes: Changes) -> None:
        database.run(lambda connection: write_batch(connection, changes, 0))

    measure(benchmark, write, batch, "us_per_message", messages)


def measure(
    benchmark: Any,
    write: Callable[[Any], None],
    setup: Callable[[], tuple[tuple[Any], dict[str, Any]]],
    unit: str,
    count: int,
) -> None:
    benchmark._timer = time.process_time
    benchmark.pedantic(write, setup=setup, rounds=ROUNDS, warmup_rounds=2)
    benchmark.extra_info[unit] = round(benchmark.stats.stats.median / count * 1e6, 1)


def whole_lives(message_ids: list[int], next_id: Callable[[], int]) -> Changes:
    changes = Changes()
    for each in message_ids:
        sent = {"sent_link_no": 1, "sent_incarnation": 1, "sent_reference": 7, "sent_us": NOON_US}
        changes.message.append(message_row(each, body=BODY, trail=b"\x01\x01\x02\x01", **sent))
        changes.submit_result.append(
            keyed_row(schema.submit_result, each, segment_no=1, attempt_no=1, smsc_message_id="3F2A91C0")
        )
        delivery = next_id()
        ended = {"told_by": 1, "smsc_message_id": "3F2A91C0", "receipt_id": delivery, "receipt": b"x" * 130}
        changes.message_final.append(keyed_row(schema.message_final, each, state=4, **ended))
        for kind in (2, 3):  # hold, settle
            changes.ledger_transfer.append(
                keyed_row(schema.ledger_transfer, each, kind=kind, account_no=1, currency="INR")
            )
        changes.esme_delivery_ack.append(keyed_row(schema.esme_delivery_ack, delivery, outcome=1))
    changes.move(1, 1, -1)
    changes.move(1, 3, 1)
    return changes
