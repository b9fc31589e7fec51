"""Errors of the databases, sorted into wrong for now, wrong for good, and ours to mend."""

import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.store.database_errors import (
    DamagedStoreError,
    postgresql_connect_error,
    postgresql_error,
    sqlite_error,
)

SQLITE = """
5    ResourceError  locked by another process
261  ResourceError  locked by another process
10   ResourceError  disk error
3338 ResourceError  disk error
13   ResourceError  disk is full
8    OperatorError  read-only
11   DamagedStoreError damaged
26   DamagedStoreError not an SQLite database
1    same
2067 same
"""

POSTGRESQL = """
08006 ResourceError  cannot do it now
53100 ResourceError  cannot do it now
57P01 ResourceError  cannot do it now
40P01 ResourceError  cannot do it now
40001 ResourceError  cannot do it now
28P01 OperatorError  refuses the login
3D000 OperatorError  has no such database
42501 OperatorError  refuses us the right
42P01 same
23505 same
"""

KINDS = {
    "ResourceError": ResourceError,
    "OperatorError": OperatorError,
    "DamagedStoreError": DamagedStoreError,
    "same": DBAPIError,
}


class DriverError(Exception):
    """As a driver raises it."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("driver's words")
        self.sqlstate = sqlstate


def cases(table: str) -> list[tuple[str, str, str]]:
    lines = (line.split(maxsplit=2) for line in table.strip().splitlines())
    return [(line[0], line[1], line[2] if len(line) > 2 else "") for line in lines]


@pytest.mark.parametrize(("code", "kind", "words"), cases(SQLITE))
def test_sqlite(code: str, kind: str, words: str) -> None:
    driver_error = sqlite3.OperationalError("driver's words")
    driver_error.sqlite_errorcode = int(code)
    judged = sqlite_error(DBAPIError("SELECT", None, driver_error), "sqlite:////store.db", True)
    assert type(judged) is KINDS[kind]
    assert words in str(judged)


def test_sqlite_read_only_is_our_own_mistake_where_we_only_read() -> None:
    driver_error = sqlite3.OperationalError("attempt to write a readonly database")
    driver_error.sqlite_errorcode = 8
    error = DBAPIError("INSERT", None, driver_error)
    assert sqlite_error(error, "sqlite:////store.db", False) is error


@pytest.mark.parametrize(("sqlstate", "kind", "words"), cases(POSTGRESQL))
def test_postgresql(sqlstate: str, kind: str, words: str) -> None:
    judged = postgresql_error(DBAPIError("SELECT", None, DriverError(sqlstate)), "postgresql://host/db")
    assert type(judged) is KINDS[kind]
    assert words in str(judged)


def test_postgresql_connection_lost() -> None:
    lost = DBAPIError("SELECT", None, DriverError(""), connection_invalidated=True)
    for error in (lost, ConnectionResetError()):
        judged = postgresql_error(error, "postgresql://host/db")
        assert type(judged) is ResourceError
        assert "connection to PostgreSQL is lost" in str(judged)


def test_postgresql_not_reachable() -> None:
    for error in (ConnectionRefusedError("refused"), TimeoutError()):
        judged = postgresql_connect_error(error, "postgresql://host/db")
        assert type(judged) is ResourceError
        assert "does not answer" in str(judged)
    starting = postgresql_connect_error(DriverError("57P03"), "postgresql://host/db")
    assert type(starting) is ResourceError


def test_a_broken_key_stays_what_it_is() -> None:
    error = IntegrityError("INSERT", None, DriverError("23505"))
    assert postgresql_error(error, "postgresql://host/db") is error
