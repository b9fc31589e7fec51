"""Campaign weights: what the people of a campaign are worth to it, beside the people.

What the column means is said in operator_push.store.campaign_tables; this page states what was created, and
never changes. Nobody of an older row is worth more than another.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0036"
down_revision: str | None = "0035"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("campaign_recipients", sa.Column("weights", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Drop it; whoever is approved earlier then gets a slot first."""
    op.drop_column("campaign_recipients", "weights")
