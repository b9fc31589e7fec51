"""Tariffs and links live in the store: their rows, since commands change them while the product runs.

What the columns mean is said in operator_push.store.schema; this page states what was created, and never
changes. A table of its own holds the settings of links, so that `smsc_link` stays as it was made.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import text_column as _text

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    """Create both tables; a start fills them from its configuration."""
    op.create_table(
        "tariff_row",
        _big("row_no"),
        _big("version"),
        _text("prefix"),
        sa.Column("traffic_class", sa.SmallInteger(), nullable=False),
        _big("price_micros"),
        sa.Column("currency", sa.String(3), nullable=False),
        _big("valid_from_us"),
        _big("valid_until_us"),
        _big("changed_us"),
        _text("changed_by"),
        _big("ended_version"),
        _big("ended_us"),
        _text("ended_by"),
        sa.PrimaryKeyConstraint("row_no", name="pk_tariff_row"),
    )
    op.create_table(
        "smsc_link_settings",
        _big("link_no"),
        _text("state"),
        _text("settings"),
        _text("configured"),
        _text("password"),
        _big("changed_us"),
        _text("changed_by"),
        sa.PrimaryKeyConstraint("link_no", name="pk_smsc_link_settings"),
    )


def downgrade() -> None:
    """Drop both; tariff and links are then those of the configuration again."""
    op.drop_table("smsc_link_settings")
    op.drop_table("tariff_row")
