"""Disputes: messages that somebody says were charged wrongly, and what became of each.

What the columns mean is said in operator_push.store.dispute_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import key_column as _key
from operator_push.store.migrations.columns import text_column as _text

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "dispute",
        _key("dispute_no"),
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        _big("message_id"),
        sa.Column("round_no", sa.SmallInteger(), nullable=False),
        _big("account_no"),
        *(_text(name) for name in ("raised_by", "client_reference", "reason")),
        _big("at_us"),
        sa.PrimaryKeyConstraint("dispute_no", name="pk_dispute"),
        sa.UniqueConstraint("message_id", "round_no", name="uq_dispute_message_id_round_no"),
    )
    op.create_table(
        "dispute_event",
        _key("dispute_no"),
        _key("event_no", sa.SmallInteger),
        *(_text(name) for name in ("state", "who", "note")),
        *(_big(name) for name in ("at_us", "amount_micros", "posting")),
        _text("document"),
        sa.PrimaryKeyConstraint("dispute_no", "event_no", name="pk_dispute_event"),
    )


def downgrade() -> None:
    """Drop both; what was given back stays in the ledger."""
    op.drop_table("dispute_event")
    op.drop_table("dispute")
