"""Statements: SQL of the hot path compiled once, tuples handed to the driver; large answers in pages.

SQLAlchemy's own insert() with dictionaries costs more than twice as much per row (benchmarks/bench_store).
On SQLite rows go many to a statement: its driver gives up the interpreter's lock for every statement step,
and one row a step makes the writer thread and the loop fight for it row by row.
No table is named here.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Select, Table
from sqlalchemy.dialects import postgresql, sqlite

from operator_push.store.insert_texts import dialect_of, insert_statement
from operator_push.store.sqlite_inserts import insert_on_sqlite

Row = tuple[Any, ...]

PAGE_ROWS = 10_000  # Ours: a few megabytes of rows in memory at a time.


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
        insert_on_sqlite(connection, table, rows, on_conflict)
    else:
        # One statement for all rows, a column an argument: half the CPU of a statement a row on both ends.
        statement = columns_statement(table, on_conflict)
        connection.exec_driver_sql(statement, tuple(map(list, zip(*rows, strict=True))))


@cache
def columns_statement(table: Table, on_conflict: str = "") -> str:
    """PostgreSQL's INSERT of any number of rows, every column in order an array of its values."""
    head = insert_statement(table, "postgresql").partition(" VALUES ")[0]
    kinds = [str(column.type.compile(dialect=dialect_of("postgresql"))) for column in table.columns]
    arrays = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(kinds, start=1))
    return f"{head} SELECT * FROM unnest({arrays}){on_conflict}"


def pages(connection: Connection, statement: Select[Any] | CompoundSelect[Any]) -> Iterator[Any]:
    """The rows of a large answer, fetched page by page while they are used."""
    # A page at once: asking for one row after the other costs more than the row.
    for page in connection.execute(statement.execution_options(yield_per=PAGE_ROWS)).partitions():
        yield from page


def insert_into(connection: Connection, table: Table) -> Any:
    """An INSERT of the connection's dialect, which knows on_conflict_do_update."""
    # Both dialects know ON CONFLICT by the same words, but in classes of their own.
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
