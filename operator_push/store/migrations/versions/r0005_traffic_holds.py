"""Traffic holds: which accounts, campaigns and messages are stopped, so that a stop stands over restarts.

What the columns mean is said in operator_push.store.schema; this page states what was created, and never
changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "traffic_hold",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("changed_us", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "number", name="pk_traffic_hold"),
    )


def downgrade() -> None:
    """Drop it; what was stopped then leaves at the next start."""
    op.drop_table("traffic_hold")
