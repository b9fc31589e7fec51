"""Statements: SQL of the hot path compiled once, tuples handed to the driver; large answers in pages.

SQLAlchemy's own insert() with dictionaries costs more than twice as much per row (benchmarks/bench_store).
No table is named here.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, Select, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import Dialect

Row = tuple[Any, ...]

PAGE_ROWS = 10_000  # Ours: a few megabytes of rows in memory at a time.


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert tuples in the order of the table's columns; nothing is sent for no rows.

    Raises:
        sqlalchemy.exc.IntegrityError: a key exists already; the transaction is lost.
    """
    if rows:
        connection.exec_driver_sql(insert_statement(table, connection.dialect.name), list(rows))


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


def pages(connection: Connection, statement: Select[Any]) -> Iterator[Any]:
    """The rows of a large answer, fetched page by page while they are used."""
    yield from connection.execute(statement.execution_options(yield_per=PAGE_ROWS))


def _dialect(name: str) -> Dialect:
    if name == "postgresql":
        return cast(Dialect, PGDialect_asyncpg())  # type: ignore[no-untyped-call]
    return sqlite.dialect()
