"""Insert texts: INSERT with every column in order, as each driver wants its placeholders."""

from functools import cache
from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import Dialect


@cache
def insert_statement(table: Table, dialect_name: str) -> str:
    """INSERT with every column in order and the driver's placeholders (`?`, or `$1` for asyncpg)."""
    names = [column.name for column in table.columns]
    return str(table.insert().compile(dialect=dialect_of(dialect_name), column_keys=names))


def placeholders(dialect_name: str, count: int) -> str:
    """`?, ?` or `$1, $2`, for a statement written by hand."""
    if dialect_name == "postgresql":
        return ", ".join(f"${number}" for number in range(1, count + 1))
    return ", ".join("?" * count)


def dialect_of(name: str) -> Dialect:
    """What writes SQL for "sqlite" or "postgresql"."""
    if name == "postgresql":
        return cast(Dialect, PGDialect_asyncpg())  # type: ignore[no-untyped-call]
    return sqlite.dialect()
