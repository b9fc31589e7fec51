"""Credited shares: what a credit note took back of shares and rewards, and what had been paid out already.

What the columns mean is said in operator_push.services.correct_ledger; this page states what was added, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0039"
down_revision: str | None = "0038"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

COLUMNS = ("taken_back_micros", "short_micros")


def upgrade() -> None:
    """Add the columns; older credit notes took nothing back."""
    for name in COLUMNS:
        column = sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)
        op.add_column("correction", column)


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("correction") as table:
        for name in COLUMNS:
            table.drop_column(name)
