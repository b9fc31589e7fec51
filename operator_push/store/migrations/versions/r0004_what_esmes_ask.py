"""What ESMEs ask: messages that are known by another id, and distribution lists.

What the columns mean is said in operator_push.store.schema; this page states what was created, and never
changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "shown_message",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        _big("shown_id"),
        _big("message_id"),
        sa.PrimaryKeyConstraint("shard", "day", "shown_id", "message_id", name="pk_shown_message"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "distribution_list",
        _big("list_no"),
        _big("account_no"),
        sa.Column("name", sa.Text(), nullable=False),
        _big("created_us"),
        sa.PrimaryKeyConstraint("list_no", name="pk_distribution_list"),
        sa.UniqueConstraint("account_no", "name", name="uq_distribution_list_account_no_name"),
    )
    op.create_table(
        "distribution_list_member",
        _big("list_no"),
        _big("subscriber_no"),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("list_no", "subscriber_no", name="pk_distribution_list_member"),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("distribution_list_member", "distribution_list", "shown_message"):
        op.drop_table(name)
