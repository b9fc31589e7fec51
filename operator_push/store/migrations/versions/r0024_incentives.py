"""Incentives: what people were rewarded for, and what was paid out.

What the columns mean is said in operator_push.store.incentive_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import key_column as _key

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _whole(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "incentive_award",
        _key("shard", sa.SmallInteger),
        *_texts("offer"),
        _key("subscriber_no"),
        sa.Column("earned_by", sa.SmallInteger(), nullable=False),
        *_whole("reference", "sponsor_no", "amount_micros", "event_id"),
        *_texts("terms"),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        *_whole("at_us", "keeps_until_us", "ended_us"),
        sa.PrimaryKeyConstraint("shard", "offer", "subscriber_no", name="pk_incentive_award"),
    )
    op.create_table(
        "reward_payout",
        _key("shard", sa.SmallInteger),
        _key("payout_id"),
        *_whole("subscriber_no"),
        *_texts("how"),
        *_whole("amount_micros"),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        *_texts("told", "asked_by"),
        *_whole("asked_us", "ended_us"),
        sa.PrimaryKeyConstraint("shard", "payout_id", name="pk_reward_payout"),
    )


def downgrade() -> None:
    """Drop both: nobody then knows who was rewarded already."""
    op.drop_table("reward_payout")
    op.drop_table("incentive_award")
