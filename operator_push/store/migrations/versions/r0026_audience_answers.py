"""Audience answers: what clients asked about audiences, and the sets that they were answered of.

What the columns mean is said in operator_push.store.audience_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import key_column as _key
from operator_push.store.migrations.columns import small_column as _small
from operator_push.store.migrations.columns import whole_column as _whole

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "audience_query",
        _key("query_no"),
        _whole("day"),
        *_texts("account", "brand"),
        _small("category"),
        *_texts("rule", "asked_by", "outcome"),
        _whole("told"),
        _small("spent"),
        _whole("at_us"),
        sa.PrimaryKeyConstraint("query_no", name="pk_audience_query"),
    )
    op.create_table(
        "audience_answer",
        _key("answer_no"),
        *_texts("account", "brand", "rule"),
        _whole("told"),
        _whole("people"),
        sa.Column("subscribers", sa.LargeBinary(), nullable=False),
        _whole("at_us"),
        sa.PrimaryKeyConstraint("answer_no", name="pk_audience_answer"),
    )


def downgrade() -> None:
    """Drop both; earlier answers are held against nothing then."""
    op.drop_table("audience_answer")
    op.drop_table("audience_query")
