"""Wishes of a scope: when and how often, by brand, category and channel, a row a change.

What the columns mean is said in operator_push.store.person_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0038"
down_revision: str | None = "0037"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_KEPT = "from_minute, until_minute, per_week, changed_us, changed_by"
_PERSON = (("shard", sa.SmallInteger), ("subscriber_no", sa.BigInteger))
_SCOPE = (("brand_no", sa.BigInteger), ("category", sa.SmallInteger), ("channel", sa.Text))
_CHANGE = (("changed_us", sa.BigInteger),)


def upgrade() -> None:
    """Make the table anew; what people wished before is about all brands."""
    _put_aside()
    _create((*_PERSON, *_SCOPE, *_CHANGE))
    op.execute(
        f"INSERT INTO contact_wish (shard, subscriber_no, brand_no, category, channel, {_KEPT})"
        f" SELECT shard, subscriber_no, 0, 0, '*', {_KEPT} FROM contact_wish_before"
    )
    op.drop_table("contact_wish_before")


def downgrade() -> None:
    """Keep each person's newest wish about all brands; the others are lost."""
    _put_aside()
    _create(_PERSON, _CHANGE)
    of_all = "brand_no = 0 AND category = 0 AND channel = '*'"
    op.execute(
        f"INSERT INTO contact_wish (shard, subscriber_no, {_KEPT})"
        f" SELECT shard, subscriber_no, {_KEPT} FROM contact_wish_before AS said WHERE {of_all}"
        " AND NOT EXISTS (SELECT 1 FROM contact_wish_before AS other WHERE other.shard = said.shard"
        " AND other.subscriber_no = said.subscriber_no AND other.brand_no = 0 AND other.category = 0"
        " AND other.channel = '*' AND other.changed_us > said.changed_us)"
    )
    op.drop_table("contact_wish_before")


def _put_aside() -> None:
    op.execute("CREATE TABLE contact_wish_before AS SELECT * FROM contact_wish")
    op.drop_table("contact_wish")


def _create(key: Sequence[tuple[str, Any]], plain: Sequence[tuple[str, Any]] = ()) -> None:
    hours_and_number = [(name, sa.SmallInteger) for name in ("from_minute", "until_minute", "per_week")]
    op.create_table(
        "contact_wish",
        *(sa.Column(name, kind(), autoincrement=False, nullable=False) for name, kind in key),
        *(sa.Column(name, kind(), nullable=False) for name, kind in (*hours_and_number, *plain)),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(*(name for name, _ in key), name="pk_contact_wish"),
    )
