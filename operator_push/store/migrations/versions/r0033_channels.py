"""Channels: content that people subscribe to, and what was published in it.

What the columns mean is said in operator_push.store.channel_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import key_column as _key
from operator_push.store.migrations.columns import text_column as _text
from operator_push.store.migrations.columns import whole_column as _whole

revision: str = "0033"
down_revision: str | None = "0032"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "channel",
        _key("channel_no"),
        _text("name"),
        _whole("account_no"),
        _whole("brand_no"),
        sa.Column("category", sa.SmallInteger(), nullable=False),
        _text("short_code"),
        _text("keyword"),
        sa.Column("is_double", sa.Boolean(), nullable=False),
        _text("notice_id"),
        _whole("created_us"),
        _text("created_by"),
        _whole("closed_us"),
        sa.PrimaryKeyConstraint("channel_no", name="pk_channel"),
        sa.UniqueConstraint("name", name="uq_channel_name"),
    )
    op.create_table(
        "channel_issue",
        _key("campaign_no"),
        _whole("channel_no"),
        _whole("issue_no"),
        sa.PrimaryKeyConstraint("campaign_no", name="pk_channel_issue"),
    )


def downgrade() -> None:
    """Drop both; subscriptions stay as acts of consent, and what was published as campaigns."""
    op.drop_table("channel_issue")
    op.drop_table("channel")
