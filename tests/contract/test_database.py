"""What a Database promises, on SQLite and on PostgreSQL: all or nothing, durable, one state for a reader."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.hot_rows import move_balances
from operator_push.store.statements import insert_rows

OpenStore = Callable[[], Database]

WRITER_PROGRAM = """
import sys, time
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows

def hang_before_commit(connection):
    insert_rows(connection, schema.brand, [(2, "unfinished")])
    print("ready", flush=True)
    time.sleep(60)

database = Database.open(sys.argv[1])
database.run(lambda connection: insert_rows(connection, schema.brand, [(1, "finished")]))
database.run(hang_before_commit)
"""


def add_brand(number: int) -> Callable[[Connection], None]:
    return lambda connection: insert_rows(connection, schema.brand, [(number, f"brand {number}")])


def brand_count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(schema.brand)).scalar_one())


def test_work_is_committed_and_its_result_returned(open_store: OpenStore) -> None:
    def work(connection: Connection) -> str:
        add_brand(1)(connection)
        return "done"

    assert open_store().run(work) == "done"
    assert open_store().read(brand_count) == 1


def test_an_exception_rolls_everything_back_and_comes_out_unchanged(database: Database) -> None:
    def fail(connection: Connection) -> None:
        add_brand(1)(connection)
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        database.run(fail)
    assert database.read(brand_count) == 0
    database.run(add_brand(1))  # and the connection is good for more
    assert database.read(brand_count) == 1


def test_rows_of_both_ways_to_the_driver_are_one_transaction(database: Database) -> None:
    """insert_rows goes past SQLAlchemy on SQLite; a statement through it must not end or split its work."""

    def fail_late(connection: Connection) -> None:
        add_brand(1)(connection)
        assert brand_count(connection) == 1
        add_brand(2)(connection)
        raise LookupError("mine")

    with pytest.raises(LookupError):
        database.run(fail_late)
    assert database.read(brand_count) == 0
    database.run(
        lambda connection: (add_brand(1)(connection), brand_count(connection), add_brand(2)(connection))
    )
    database.run(add_brand(3))
    assert database.read(brand_count) == 3


def test_a_row_that_its_key_refuses_takes_the_whole_transaction_with_it(database: Database) -> None:
    database.run(add_brand(1))

    def twice(connection: Connection) -> None:
        add_brand(2)(connection)
        add_brand(1)(connection)

    with pytest.raises(DBAPIError):
        database.run(twice)
    database.run(add_brand(3))
    assert database.read(brand_count) == 2


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        database.read(add_brand(1))
    assert database.read(brand_count) == 0
    database.run(add_brand(1))


def test_a_reader_sees_one_state_throughout(store_url: str, database: Database) -> None:
    def write_elsewhere() -> None:
        writer = Database.open(store_url)
        writer.run(add_brand(1))
        writer.close()

    def look_twice(connection: Connection) -> tuple[int, int]:
        before = brand_count(connection)
        other = threading.Thread(target=write_elsewhere)
        other.start()
        other.join()
        return before, brand_count(connection)

    assert database.read(look_twice) == (0, 0)
    assert database.read(brand_count) == 1


def test_commits_survive_a_killed_process_and_only_commits(store_url: str, open_store: OpenStore) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", WRITER_PROGRAM, store_url], stdout=subprocess.PIPE, env=os.environ, text=True
    )
    try:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    finally:
        program.send_signal(signal.SIGKILL)
        program.communicate()
    brands = open_store().run(lambda connection: connection.execute(select(schema.brand)).fetchall())
    assert [tuple(brand) for brand in brands] == [(1, "finished")]


def test_the_live_connection_is_durable(database: Database) -> None:
    def settings(connection: Connection) -> dict[str, object]:
        if connection.dialect.name == "postgresql":
            names = ("synchronous_commit", "fsync", "TimeZone")
            return {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names}
        names = ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint", "busy_timeout")
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}

    expected = {
        "postgresql": {"synchronous_commit": "on", "fsync": "on", "TimeZone": "UTC"},
        "sqlite": {
            "journal_mode": "wal",
            "synchronous": 2,  # FULL
            "foreign_keys": 1,
            "wal_autocheckpoint": 16_000,
            "busy_timeout": 10_000,
        },
    }[database.dialect_name]
    assert database.run(settings) == expected
    assert database.read(settings) == expected


def test_writers_in_several_threads_lose_no_update(store_url: str, database: Database) -> None:
    def write() -> None:
        mine = Database.open(store_url)
        for _ in range(25):
            mine.run(lambda connection: move_balances(connection, 0, {(1, 1): 3, (1, 2): -3}))
        mine.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = database.read(lambda connection: connection.execute(select(schema.balance)).fetchall())
    assert sorted(tuple(row) for row in rows) == [(0, 1, 1, 300), (0, 1, 2, -300)]


def test_errors_do_not_show_the_rows(database: Database) -> None:
    """Rows hold numbers and texts, and errors end in logs."""
    secret = "919812345678"

    def twice(connection: Connection) -> None:
        insert_rows(connection, schema.brand, [(1, secret), (2, secret)])

    with pytest.raises(DBAPIError) as caught:
        database.run(twice)
    assert secret not in str(caught.value)
