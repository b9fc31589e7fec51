"""Short links: the link of each campaign, and the visits and conversions that it brought.

What the columns mean is said in operator_push.store.short_link_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0042"
down_revision: str | None = "0041"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "short_link",
        sa.Column("campaign_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_no", name="pk_short_link"),
    )
    op.create_table(
        "link_event",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subscriber_no", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("why", sa.SmallInteger(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("value_micros", sa.BigInteger(), nullable=False),
        sa.Column("order_ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "campaign_no", "event_id", name="pk_link_event"),
    )
    op.create_index("ix_link_event_subscriber_no", "link_event", ["subscriber_no"])


def downgrade() -> None:
    """Drop them; links that were sent then lead nowhere."""
    op.drop_table("link_event")
    op.drop_table("short_link")
