"""Columns: the few kinds of column that every table of the schema is made of.

Not here: the tables and what their rows mean (schema).
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def key_column(
    name: str, kind: type[BigInteger] | type[Integer] | type[SmallInteger] = BigInteger
) -> Column[int]:
    """A whole number that belongs to the primary key; the product gives it, never the database."""
    return Column(name, kind(), primary_key=True, autoincrement=False, nullable=False)


def whole_column(name: str) -> Column[int]:
    """64 bits: ids, micros, moments."""
    return Column(name, BigInteger(), nullable=False)


def small_column(name: str) -> Column[int]:
    """16 bits: enumerations, segment numbers."""
    return Column(name, SmallInteger(), nullable=False)


def text_column(name: str) -> Column[str]:
    """Text of any length."""
    return Column(name, Text(), nullable=False)


def later_number(name: str, kind: type[BigInteger] | type[SmallInteger] = BigInteger) -> Column[int]:
    """A number that older rows and archives do not have: 0 there."""
    return Column(name, kind(), server_default=text("0"), nullable=False)


def later_text(name: str) -> Column[str]:
    """Text that older rows and archives do not have: empty there."""
    return Column(name, Text(), server_default=text("''"), nullable=False)


def json_column(name: str) -> Column[str]:
    """A JSON object that older rows do not have: empty there."""
    return Column(name, Text(), server_default=text("'{}'"), nullable=False)


def later_octets(name: str) -> Column[bytes]:
    """Octets that older rows and archives do not have, and many others neither: NULL there."""
    return Column(name, LargeBinary(), nullable=True)


def octets_column(name: str) -> Column[bytes]:
    """Octets of any length."""
    return Column(name, LargeBinary(), nullable=False)


def large_table(
    name: str,
    *columns: Column[int] | Column[str] | Column[bytes] | UniqueConstraint,
    in_key_order: bool = True,
) -> Table:
    """A table whose key begins with shard and day; on SQLite the key is the table.

    `in_key_order` False: SQLite keeps the rows in the order in which they come, and the key beside them as an
    index: for wide rows, and for rows that come in another order than their keys.
    """
    return Table(
        name,
        metadata,
        key_column("shard", SmallInteger),
        key_column("day", Integer),
        *columns,
        sqlite_with_rowid=not in_key_order,
    )
