"""Subscriber clocks: the home zone and the serving network of a person, where the operator knows them.

What the columns mean is said in operator_push.store.clock_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "subscriber_clock",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("subscriber_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("home_zone", sa.Text(), nullable=False),
        sa.Column("network_country", sa.Text(), nullable=False),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "subscriber_no", name="pk_subscriber_clock"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it; everybody's clock is then that of the number's country."""
    op.drop_table("subscriber_clock")
