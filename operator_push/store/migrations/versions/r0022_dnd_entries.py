"""The national do-not-disturb register: who wants no promotion, of which kinds, and when.

What the columns mean is said in operator_push.store.dnd_tables; this page states what was created, and never
changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "dnd_entry",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("msisdn", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("blocked", "channels", "days", "bands")),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "msisdn", name="pk_dnd_entry"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it; nobody is kept from promotions by the register then."""
    op.drop_table("dnd_entry")
