"""Review items: texts that hold a word for stopping, and what people decided about them.

What the columns mean is said in operator_push.store.review_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import key_column as _key

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "review_item",
        _key("shard", sa.SmallInteger),
        _key("day", sa.Integer),
        _key("mo_id"),
        sa.Column("subscriber_no", sa.BigInteger(), nullable=False),
        *_texts("short_code", "matched", "text"),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "day", "mo_id", name="pk_review_item"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "review_item_event",
        _key("shard", sa.SmallInteger),
        _key("mo_id"),
        _key("event_no"),
        *_texts("how", "who", "note"),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "mo_id", "event_no", name="pk_review_item_event"),
    )


def downgrade() -> None:
    """Drop both; nobody looks at these texts then."""
    op.drop_table("review_item_event")
    op.drop_table("review_item")
