"""Statements: SQL of the hot path compiled once, tuples handed to the driver; large answers in pages.

SQLAlchemy's own insert() with dictionaries costs more than twice as much per row (benchmarks/bench_store).
On SQLite rows go many to a statement: its driver gives up the interpreter's lock for every statement step,
and one row a step makes the writer thread and the loop fight for it row by row.
No table is named here.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any, cast

from sqlalchemy import CompoundSelect, Connection, LargeBinary, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

Row = tuple[Any, ...]

PAGE_ROWS = 10_000  # Ours: a few megabytes of rows in memory at a time.
ROWS_A_STATEMENT = (
    64  # Ours: beyond it nothing is gained; 64 rows of 30 columns stay far below 32,766 values.
)


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row], on_conflict: str = "") -> None:
    """Insert tuples in the order of the table's columns; nothing is sent for no rows.

    `on_conflict`: an ON CONFLICT clause that both databases know, with a space before it; no two of the rows
    may then have the same key.

    Raises:
        sqlalchemy.exc.IntegrityError: a key exists already; the transaction is lost.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        _insert_on_sqlite(connection, table, rows, on_conflict)
    else:
        # One statement for all rows, a column an argument: half the CPU of a statement a row on both ends.
        statement = columns_statement(table, on_conflict)
        connection.exec_driver_sql(statement, tuple(map(list, zip(*rows, strict=True))))


def _insert_on_sqlite(connection: Connection, table: Table, rows: Sequence[Row], on_conflict: str) -> None:
    """By 64, then 32, 16 … 1: seven statements a table for the driver to remember, whatever the batch."""
    driver_connection = cast(sqlite3.Connection, connection.connection.driver_connection)
    width, octets_at = _shape(table)
    at, count, size = 0, len(rows), ROWS_A_STATEMENT
    while at < count:
        while size > count - at:
            size //= 2
        statement = many_rows_statement(table, size, on_conflict)
        values = list(chain.from_iterable(rows[at : at + size]))
        for column in octets_at:
            values[column::width] = map(bound_at_once, values[column::width])
        try:
            driver_connection.execute(statement, values)
        except sqlite3.Error as error:
            raise cast(Exception, _as_sqlalchemy_tells(statement, error)) from error
        at += size


@cache
def _shape(table: Table) -> tuple[int, tuple[int, ...]]:
    """How many columns a table has, and at which of them octets stand."""
    kinds = [isinstance(column.type, LargeBinary) for column in table.columns]
    return len(kinds), tuple(place for place, is_octets in enumerate(kinds) if is_octets)


def bound_at_once(octets: bytes | None) -> bytearray | None:
    """Octets as sqlite3 takes them without asking: for `bytes` it first looks for an adapter, by way of an
    exception, which costs more than the copy; of a bytearray it knows that there is none."""
    return None if octets is None else bytearray(octets)


def _as_sqlalchemy_tells(statement: str, error: sqlite3.Error) -> object:
    """An error of the driver as SQLAlchemy would have raised it, without values, which no log may show."""
    return DBAPIError.instance(statement, None, error, sqlite3.Error, hide_parameters=True)


@cache
def columns_statement(table: Table, on_conflict: str = "") -> str:
    """PostgreSQL's INSERT of any number of rows, every column in order an array of its values."""
    head = insert_statement(table, "postgresql").partition(" VALUES ")[0]
    kinds = [str(column.type.compile(dialect=_dialect("postgresql"))) for column in table.columns]
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(kinds, start=1))
    return f"{head} SELECT * FROM unnest({arrays}){on_conflict}"


@cache
def many_rows_statement(table: Table, rows: int, on_conflict: str = "") -> str:
    """SQLite's INSERT of so many rows at once, every column in order.

    OR FAIL: what a failed statement has written stays until the transaction is rolled back, as it always is.
    Otherwise SQLite notes every page before the statement changes it, beyond 64 KiB of them in a file. Ends
    come in another order than their messages, so one statement changes many pages: a fifth of the CPU of a
    commit's rows.
    """
    one = f"({placeholders('sqlite', len(table.columns))})"
    head = insert_statement(table, "sqlite").partition(" VALUES ")[0].replace("INSERT", "INSERT OR FAIL", 1)
    return f"{head} VALUES {', '.join([one] * rows)}{on_conflict}"


@cache
def insert_statement(table: Table, dialect_name: str) -> str:
    """INSERT with every column in order and the driver's placeholders (`?`, or `$1` for asyncpg)."""
    names = [column.name for column in table.columns]
    return str(table.insert().compile(dialect=_dialect(dialect_name), column_keys=names))


def placeholders(dialect_name: str, count: int) -> str:
    """`?, ?` or `$1, $2`, for a statement written by hand."""
    if dialect_name == "postgresql":
        return ", ".join(f"${number}" for number in range(1, count + 1))
    return ", ".join("?" * count)


def pages(connection: Connection, statement: Select[Any] | CompoundSelect[Any]) -> Iterator[Any]:
    """The rows of a large answer, fetched page by page while they are used."""
    # A page at once: asking for one row after the other costs more than the row.
    for page in connection.execute(statement.execution_options(yield_per=PAGE_ROWS)).partitions():
        yield from page


def _dialect(name: str) -> Dialect:
    if name == "postgresql":
        return cast(Dialect, PGDialect_asyncpg())  # type: ignore[no-untyped-call]
    return sqlite.dialect()


def insert_into(connection: Connection, table: Table) -> Any:
    """An INSERT of the connection's dialect, which knows on_conflict_do_update."""
    # Both dialects know ON CONFLICT by the same words, but in classes of their own.
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
