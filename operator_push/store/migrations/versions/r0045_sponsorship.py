"""Sponsorship: lines at the end of channels' issues that somebody bought.

What the columns mean is said in operator_push.store.sponsorship_tables; this page states what was created,
and never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import key_column as _key
from operator_push.store.migrations.columns import text_column as _text
from operator_push.store.migrations.columns import whole_column as _whole

revision: str = "0045"
down_revision: str | None = "0044"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "channel_slot",
        _key("channel_no"),
        _whole("characters"),
        _whole("price_micros"),
        _whole("changed_us"),
        _text("changed_by"),
        sa.PrimaryKeyConstraint("channel_no", name="pk_channel_slot"),
    )
    op.create_table(
        "channel_sponsorship",
        _key("sponsorship_no"),
        _whole("channel_no"),
        _whole("account_no"),
        _text("line"),
        _whole("issues"),
        _whole("price_micros"),
        _text("state"),
        _text("asked_by"),
        _whole("asked_us"),
        _text("decided_by"),
        _whole("decided_us"),
        sa.PrimaryKeyConstraint("sponsorship_no", name="pk_channel_sponsorship"),
    )
    op.create_table(
        "sponsored_issue",
        _key("campaign_no"),
        _whole("sponsorship_no"),
        _whole("charged_micros"),
        _whole("at_us"),
        sa.PrimaryKeyConstraint("campaign_no", name="pk_sponsored_issue"),
    )


def downgrade() -> None:
    """Drop them; what was charged stays in the ledger."""
    for table in ("sponsored_issue", "channel_sponsorship", "channel_slot"):
        op.drop_table(table)
