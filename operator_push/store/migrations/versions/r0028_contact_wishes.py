"""Contact wishes: when and how often people want promotions.

What the columns mean is said in operator_push.store.person_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    small = [sa.Column(name, sa.SmallInteger(), nullable=False) for name in ("from_minute", "until_minute")]
    op.create_table(
        "contact_wish",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("subscriber_no", sa.BigInteger(), autoincrement=False, nullable=False),
        *small,
        sa.Column("per_week", sa.SmallInteger(), nullable=False),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "subscriber_no", name="pk_contact_wish"),
    )


def downgrade() -> None:
    """Drop it; promotions then come at any hour that the law allows, however often."""
    op.drop_table("contact_wish")
