"""Each test of this folder that asks for a database runs twice: on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect

from operator_push.store import migrate
from operator_push.store.database import Database

DIALECTS = ("sqlite", "postgresql")


@pytest.fixture(params=DIALECTS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without a table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    return str(request.getfixturevalue("empty_postgresql_url"))


@pytest.fixture(params=DIALECTS)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a store with its tables and no row; on PostgreSQL the module's tests share the tables."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/store.db"
        migrate.upgrade(url)
        yield url
        return
    url = str(request.getfixturevalue("postgresql_url"))
    migrate.upgrade(url)
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
    names = [name for name in inspect(connection).get_table_names() if name != "alembic_version"]
    connection.exec_driver_sql(f"TRUNCATE {', '.join(names)}")
