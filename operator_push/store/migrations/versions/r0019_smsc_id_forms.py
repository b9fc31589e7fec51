"""Forms of an SMSC's ids as they were found out, so that a start need not find them out again.

What the columns mean is said in operator_push.store.habit_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "smsc_id_forms",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("smsc_no", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("in_response", "in_receipt", "widths")),
        sa.PrimaryKeyConstraint("shard", "smsc_no", name="pk_smsc_id_forms"),
    )


def downgrade() -> None:
    """Drop it; the forms are found out again then."""
    op.drop_table("smsc_id_forms")
