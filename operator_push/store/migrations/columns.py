"""Columns of revisions: the kinds that most of them create.

Law: nothing here changes, since revisions state what was created; one that needs another kind states it
itself. The schema of today has its own kinds in operator_push.store.schema_columns.
"""

import sqlalchemy as sa


def key_column(name: str, kind: type[sa.types.TypeEngine[int]] = sa.BigInteger) -> sa.Column[int]:
    """A whole number of the primary key."""
    return sa.Column(name, kind(), autoincrement=False, nullable=False)


def whole_column(name: str) -> sa.Column[int]:
    """64 bits."""
    return sa.Column(name, sa.BigInteger(), nullable=False)


def small_column(name: str) -> sa.Column[int]:
    """16 bits."""
    return sa.Column(name, sa.SmallInteger(), nullable=False)


def text_column(name: str) -> sa.Column[str]:
    """Text of any length."""
    return sa.Column(name, sa.Text(), nullable=False)
