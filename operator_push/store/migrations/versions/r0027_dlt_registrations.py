"""The DLT register of India: entities, headers and templates.

What the columns mean is said in operator_push.store.dlt_tables; this page states what was created, and never
changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "dlt_registration",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "code")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("entity", "brand", "kinds", "text")),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "code", name="pk_dlt_registration"),
    )


def downgrade() -> None:
    """Drop it; nothing is held against the register then."""
    op.drop_table("dlt_registration")
