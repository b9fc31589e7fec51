"""Paper digests: top-ups and corrections bear a digest of what they say.

What the column means is said in operator_push.domain.ledger_papers; this page states what was added, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0040"
down_revision: str | None = "0039"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

TABLES = ("top_up", "correction")


def upgrade() -> None:
    """Add the column; older rows have no digest."""
    for name in TABLES:
        column = sa.Column("content_sha256", sa.Text(), server_default=sa.text("''"), nullable=False)
        op.add_column(name, column)


def downgrade() -> None:
    """Drop it."""
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.drop_column("content_sha256")
