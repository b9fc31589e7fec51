"""Owner since: from when a number is its owner's, where it was somebody else's before.

What the column means is said in operator_push.store.schema; this page states what was added, and never
changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0043"
down_revision: str | None = "0042"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the column; of earlier owners nothing is known, so that 0 stands for all."""
    op.add_column(
        "vault_subscriber",
        sa.Column("since_us", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
    )


def downgrade() -> None:
    """Drop it; late records of a former owner then count as the present one's."""
    with op.batch_alter_table("vault_subscriber") as table:
        table.drop_column("since_us")
