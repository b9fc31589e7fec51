"""Reconciliation case events: what people made of a case.

What the columns mean is said in operator_push.store.case_tables; this page states what was created, and never
changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import key_column as _key

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "reconciliation_case_event",
        _key("shard", sa.SmallInteger),
        _key("case_id"),
        _key("event_no"),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("state", "who", "assignee", "how", "note")),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("posting", "charged_micros", "due_micros", "at_us")
        ),
        sa.PrimaryKeyConstraint("shard", "case_id", "event_no", name="pk_reconciliation_case_event"),
    )


def downgrade() -> None:
    """Drop it; every case is open then."""
    op.drop_table("reconciliation_case_event")
