"""Deferrals: what was put off immediately before it would have left, until when, and by which rules.

What the columns mean is said in operator_push.store.schema; this page states what was created, and never
changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0041"
down_revision: str | None = "0040"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    small, big = sa.SmallInteger(), sa.BigInteger()
    op.create_table(
        "deferral",
        sa.Column("shard", small, autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", big, autoincrement=False, nullable=False),
        sa.Column("at_us", big, autoincrement=False, nullable=False),
        sa.Column("until_us", big, nullable=False),
        sa.Column("reason", small, nullable=False),
        sa.Column("trail", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "day", "message_id", "at_us", name="pk_deferral"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it; messages then leave when they do, and why so late is not told."""
    op.drop_table("deferral")
