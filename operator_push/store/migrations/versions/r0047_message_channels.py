"""Message channels: which messages go by something else than SMS.

What the columns mean is said in operator_push.store.schema; this page states what was created, and never
changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0047"
down_revision: str | None = "0046"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    small = sa.SmallInteger()
    op.create_table(
        "message_channel",
        sa.Column("shard", small, autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("channel", small, nullable=False),
        sa.PrimaryKeyConstraint("shard", "day", "message_id", name="pk_message_channel"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it; what waits by another channel then counts as an SMS, so end it before."""
    op.drop_table("message_channel")
