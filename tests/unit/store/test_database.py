"""What is particular to one of the two databases: URLs, files, threads, and what their errors mean."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.store import database as database_room
from operator_push.store.database import Database


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    database = Database.open(sqlite_url)
    database.run(create_table)
    yield database
    database.close()


def create_table(connection: Connection) -> None:
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS note (words TEXT)")


def count(connection: Connection) -> int:
    return int(connection.exec_driver_sql("SELECT count(*) FROM note").scalar_one())


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("store.db", "'store.db' is not a database URL"),
        ("postgresql:/root:secret@host/x", "'host/x' is not a database URL"),
        ("sqlite://", "write sqlite:////absolute/path/file.db or postgresql://"),
        ("sqlite:///:memory:", "not a database that we can use"),
        ("mysql://root:secret@localhost/x", "not a database that we can use"),
        ("postgresql+psycopg://localhost/x", "not a database that we can use"),
        ("postgresql://localhost", "not a database that we can use"),
        ("sqlite:////nowhere/at/all/store.db", "No such file or directory"),
    ],
)
def test_a_wrong_url_is_told_with_what_is_allowed(url: str, words: str) -> None:
    with pytest.raises(OperatorError) as caught:
        Database.open(url)
    assert words in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir, " * 100)
    with pytest.raises(OperatorError, match="is not an SQLite database"):
        Database.open(f"sqlite:///{path}")
    assert path.read_text() == "Dear Sir, " * 100


def test_the_file_and_its_log_are_for_their_owner_alone(tmp_path: Path, sqlite_url: str) -> None:
    before = os.umask(0)  # the most permissive: what is closed now is closed by us
    try:
        database = Database.open(sqlite_url)
        database.run(create_table)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        database.close()
    finally:
        os.umask(before)
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


def test_a_database_serves_the_thread_that_opened_it(sqlite: Database) -> None:
    caught: list[BaseException] = []

    def use() -> None:
        for function in (sqlite.run, sqlite.read):
            try:
                function(count)
            except BaseException as error:
                caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert [type(error) for error in caught] == [RuntimeError, RuntimeError]
    assert sqlite.read(count) == 0


def test_closing_twice_is_harmless(sqlite_url: str, postgresql_url: str) -> None:
    for url in (sqlite_url, postgresql_url):
        database = Database.open(url)
        database.close()
        database.close()


def test_a_locked_file_is_a_matter_of_time(
    sqlite: Database, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_room, "SQLITE_BUSY_TIMEOUT_MS", 20)
    impatient = Database.open(sqlite_url)

    def hold(connection: Connection) -> None:
        with pytest.raises(ResourceError, match="locked by another process"):
            impatient.run(count)
        assert impatient.read(count) == 0  # readers are not held up

    sqlite.run(hold)
    assert impatient.run(count) == 0
    impatient.close()


def test_a_full_disk_is_a_matter_of_time(sqlite: Database) -> None:
    def fill(connection: Connection) -> None:
        rows = [("x" * 4000,) for _ in range(100)]
        connection.exec_driver_sql("INSERT INTO note VALUES (?)", rows)

    pages = sqlite.run(lambda connection: connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    sqlite.run(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 10}").all())
    with pytest.raises(ResourceError, match="disk is full"):
        sqlite.run(fill)
    assert sqlite.run(count) == 0
    sqlite.run(lambda connection: connection.exec_driver_sql("PRAGMA max_page_count=1000").all())
    sqlite.run(fill)
    assert sqlite.run(count) == 100


def test_a_lost_connection_is_a_matter_of_time(postgresql_url: str) -> None:
    database, other = Database.open(postgresql_url), Database.open(postgresql_url)
    database.run(create_table)
    pid = database.run(lambda connection: connection.exec_driver_sql("SELECT pg_backend_pid()").scalar())
    other.run(lambda connection: connection.exec_driver_sql(f"SELECT pg_terminate_backend({pid})").all())
    with pytest.raises(ResourceError, match="connection to PostgreSQL is lost"):
        database.run(count)
    assert database.run(count) == 0  # by a new connection
    database.close()
    other.close()


def test_postgresql_that_does_not_answer_is_a_matter_of_time() -> None:
    with pytest.raises(ResourceError, match=r"127\.0\.0\.1:1/x: PostgreSQL does not answer"):
        Database.open("postgresql://somebody:secret@127.0.0.1:1/x")


def test_postgresql_login_and_database_are_for_the_operator_to_mend(postgresql_url: str) -> None:
    address, _, _ = postgresql_url.rpartition("/")
    with pytest.raises(OperatorError, match="has no such database"):
        Database.open(f"{address}/elsewhere")
    host = address.rpartition("@")[2]
    with pytest.raises(OperatorError, match="refuses the login") as caught:
        Database.open(f"postgresql://operator_push_test:wrong-secret@{host}/postgres")
    assert "wrong-secret" not in str(caught.value)


ANOTHER_PROGRAM = """
import sys
from operator_push.store.database import Database
database = Database.open(sys.argv[1])
print(database.read(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM note").scalar()))
database.close()
"""


def test_a_second_connection_of_a_program_costs_the_first_no_commit(tmp_path: Path) -> None:
    """POSIX locks go with any descriptor of the file that is closed; SQLite must be the only one to do so."""
    url = f"sqlite:///{tmp_path}/store.db"

    def another_program_sees() -> int:
        done = subprocess.run(
            [sys.executable, "-c", ANOTHER_PROGRAM, url], capture_output=True, text=True, check=True
        )
        return int(done.stdout)

    def note(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO note VALUES (1)")

    first = Database.open(url)
    first.run(lambda connection: connection.exec_driver_sql("CREATE TABLE note (number INTEGER)"))
    second = Database.open(url)  # as retention and the reader thread do in the server
    for count in range(1, 4):
        first.run(note)
        assert another_program_sees() == count
    second.close()
    first.run(note)
    assert another_program_sees() == 4
    first.close()
