"""Open marks: what was open and owed in each shard lately, so that a start reads little more.

What the columns mean is said in operator_push.store.settled_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0034"
down_revision: str | None = "0033"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table, empty: the next start reads what it has read so far."""
    wholes = (
        sa.Column(name, sa.BigInteger(), nullable=False) for name in ("above_id", "highest_id", "sequence")
    )
    octets = (
        sa.Column(name, sa.LargeBinary(), nullable=False)
        for name in ("open_ids", "receipt_ids", "delivery_ids")
    )
    op.create_table(
        "open_mark",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        *wholes,
        *octets,
        sa.PrimaryKeyConstraint("shard", name="pk_open_mark"),
    )


def downgrade() -> None:
    """Drop the table; starts take longer then."""
    op.drop_table("open_mark")
