"""Way outs: to whom a brand's promotional message has told how to end them.

What the columns mean is said in operator_push.store.person_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0032"
down_revision: str | None = "0031"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "way_out",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("brand_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subscriber_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "brand_no", "subscriber_no", name="pk_way_out"),
    )


def downgrade() -> None:
    """Drop it; everybody is told once more then."""
    op.drop_table("way_out")
