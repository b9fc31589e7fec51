"""Rows as they come: on SQLite three tables keep their rows in the order of commits, their keys as indexes.

Messages are wide, ends and postings come in another order than their keys: a commit changes half as many
pages so. No column changes, and PostgreSQL keeps rows so already. Every row of the three is written once
more, in the order of the keys, with room for a second copy of the largest of them meanwhile.
"""

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0037"
down_revision: str | None = "0036"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_KEYS = {
    "message": "shard, day, message_id",
    "message_final": "shard, day, message_id",
    "ledger_transfer": "shard, day, reference, kind",
}
_BY_KEY = "WITHOUT ROWID"


def upgrade() -> None:
    """Write the rows of the three tables into tables of the other form."""
    _rewrite(lambda statement: statement.replace(_BY_KEY, ""))


def downgrade() -> None:
    """The same, back."""
    _rewrite(lambda statement: f"{statement.rstrip()} {_BY_KEY}")


def _rewrite(other_form: Callable[[str], str]) -> None:
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    made = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    for table, key in _KEYS.items():
        statement = connection.execute(made, {"name": table}).scalar_one()
        op.execute(f"ALTER TABLE {table} RENAME TO {table}_before")
        op.execute(other_form(statement))
        op.execute(f"INSERT INTO {table} SELECT * FROM {table}_before ORDER BY {key}")
        op.execute(f"DROP TABLE {table}_before")
