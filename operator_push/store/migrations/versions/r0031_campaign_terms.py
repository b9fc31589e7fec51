"""Campaign terms: what was agreed about campaigns beyond their text, and the people they are launched for.

What the columns mean is said in operator_push.store.campaign_tables; this page states what was created, and
never changes. Campaigns of before have no terms.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0031"
down_revision: str | None = "0030"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Add the columns and create the table."""
    for name in ("terms", "progress"):
        op.add_column("campaign", sa.Column(name, sa.Text(), server_default=sa.text("'{}'"), nullable=False))
    op.create_table(
        "campaign_recipients",
        sa.Column("campaign_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subscribers", sa.LargeBinary(), nullable=False),
        sa.Column("fixed_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_no", name="pk_campaign_recipients"),
    )


def downgrade() -> None:
    """Drop them; a campaign that runs counts its people again then."""
    op.drop_table("campaign_recipients")
    for name in ("progress", "terms"):
        op.drop_column("campaign", name)
