"""Closed months: which months of an account were closed whole.

What the columns mean is said in operator_push.store.invoice_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "closed_month",
        sa.Column("account_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("closed_us", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_no", "month", name="pk_closed_month"),
    )


def downgrade() -> None:
    """Drop it; what is closed is looked at again then, and nothing is made twice."""
    op.drop_table("closed_month")
