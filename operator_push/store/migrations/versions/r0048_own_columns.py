"""Own columns: what a client says of the people on its lists, and who came by customer code.

What the columns mean is said in operator_push.store.list_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0048"
down_revision: str | None = "0047"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add them; lists that there are have none."""
    op.add_column(
        "distribution_list", sa.Column("columns", sa.Text(), server_default=sa.text("'{}'"), nullable=False)
    )
    for column in (
        sa.Column("by_code", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("own", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("own_us", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    ):
        op.add_column("distribution_list_member", column)


def downgrade() -> None:
    """Drop them, and what clients said with them."""
    for column in ("own_us", "own", "by_code"):
        op.drop_column("distribution_list_member", column)
    op.drop_column("distribution_list", "columns")
