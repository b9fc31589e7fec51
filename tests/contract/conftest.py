"""Each test of this folder that asks for a database runs twice: on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from postgresql_server import PostgresqlServer
from sqlalchemy import Connection

from operator_push.store import migrate
from operator_push.store.database import Database

DIALECTS = ("sqlite", "postgresql")
_EMPTYING = """
    DO $$ DECLARE name text; is_used boolean; BEGIN
        FOR name IN SELECT tablename FROM pg_tables
                    WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
            EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO is_used;
            IF is_used THEN EXECUTE format('DELETE FROM %I', name); END IF;
        END LOOP;
    END $$
"""


@pytest.fixture(params=DIALECTS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without a table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    return str(request.getfixturevalue("empty_postgresql_url"))


@pytest.fixture(scope="session")
def tables_url(postgresql_server: PostgresqlServer) -> str:
    """The URL of a database with the tables of a store: making a hundred tables takes a second."""
    url = str(postgresql_server.create_database("tables"))
    migrate.upgrade(url)
    return url


@pytest.fixture(scope="session")
def tables_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables of a store, to be copied."""
    path = tmp_path_factory.mktemp("tables") / "store.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(params=DIALECTS)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a store with its tables and no row; on PostgreSQL all tests of a worker share the tables."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("tables_file"), tmp_path / "store.db")
        yield f"sqlite:///{tmp_path}/store.db"
        return
    url = str(request.getfixturevalue("tables_url"))
    yield url
    database = Database.open(url)
    database.run(_empty_every_table)
    database.close()


@pytest.fixture
def open_store(store_url: str) -> Iterator[Callable[[], Database]]:
    """Opens the store of `store_url` as often as a test asks."""
    opened: list[Database] = []

    def open_one() -> Database:
        opened.append(Database.open(store_url))
        return opened[-1]

    yield open_one
    for database in opened:
        database.close()


@pytest.fixture
def database(open_store: Callable[[], Database]) -> Database:
    """A store with its tables and no row, open."""
    return open_store()


def _empty_every_table(connection: Connection) -> None:
    """TRUNCATE of all tables takes 0.3 s, since each gets a file of its own anew; most hold no row."""
    connection.exec_driver_sql(_EMPTYING)
