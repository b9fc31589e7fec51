"""Rule sets: what the number at the beginning of a decision's trail stands for.

What the columns mean is said in operator_push.store.rule_set_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "rule_set",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("rule_set_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("first_used_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "rule_set_no", name="pk_rule_set"),
    )


def downgrade() -> None:
    """Drop it; the numbers in trails say nothing then."""
    op.drop_table("rule_set")
