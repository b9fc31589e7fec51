"""Corrections and expired holds: why postings were made by hand, and which holds nothing has resolved.

What the columns mean is said in operator_push.store.money_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import key_column as _key
from operator_push.store.migrations.columns import whole_column as _whole

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "correction",
        _key("account_no"),
        sa.Column("client_reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        _whole("reference"),
        _whole("amount_micros"),
        _whole("tax_micros"),
        _whole("message_id"),
        sa.Column("reason", sa.Text(), nullable=False),
        _whole("at_us"),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_no", "client_reference", name="pk_correction"),
    )
    op.create_table(
        "expired_hold",
        _key("shard", sa.SmallInteger),
        _key("message_id"),
        _whole("account_no"),
        _whole("expired_micros"),
        _whole("price_micros"),
        _whole("expired_us"),
        sa.Column("late_segments", sa.SmallInteger(), nullable=False),
        _whole("late_us"),
        _whole("charged_micros"),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "message_id", name="pk_expired_hold"),
    )


def downgrade() -> None:
    """Drop them; the postings stay, without their reasons."""
    op.drop_table("expired_hold")
    op.drop_table("correction")
