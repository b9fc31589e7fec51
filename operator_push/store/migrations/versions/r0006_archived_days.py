"""Archived days: which days have left the hot tables for a file.

What the columns mean is said in operator_push.store.archive_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "archived_day",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        _big("messages"),
        _big("row_count"),
        _big("held_micros"),
        _big("settled_micros"),
        _big("released_micros"),
        _big("highest_id"),
        _big("highest_sequence"),
        _big("archived_us"),
        _big("cleared_us"),
        sa.PrimaryKeyConstraint("shard", "day", name="pk_archived_day"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("archived_day")
