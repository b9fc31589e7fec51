"""Saved rules: rules of clients by name and version, and who else may use them.

What the columns mean is said in operator_push.store.audience_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import key_column as _key
from operator_push.store.migrations.columns import text_column as _text

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "saved_rule",
        _key("account_no"),
        _text("name"),
        _key("version"),
        _text("text"),
        _text("saved_by"),
        sa.Column("saved_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_no", "name", "version", name="pk_saved_rule"),
    )
    op.create_table(
        "saved_rule_share",
        _key("account_no"),
        _text("name"),
        _key("reader_no"),
        sa.PrimaryKeyConstraint("account_no", "name", "reader_no", name="pk_saved_rule_share"),
    )


def downgrade() -> None:
    """Drop both; rules are written out again then."""
    op.drop_table("saved_rule_share")
    op.drop_table("saved_rule")
