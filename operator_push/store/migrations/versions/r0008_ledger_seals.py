"""Ledger seals: the chain over the postings, and its signed heads.

What the columns mean is said in operator_push.store.seal_tables; this page states what was created, and never
changes. Postings that are there already are sealed at the next start of the server.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import key_column as _key

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "ledger_seal",
        _key("shard", sa.SmallInteger),
        _key("day", sa.Integer),
        _key("seal_no"),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("postings", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "day", "seal_no", name="pk_ledger_seal"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_head",
        _key("shard", sa.SmallInteger),
        _key("seal_no"),
        _key("day", sa.Integer),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("signed_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "seal_no", "day", name="pk_ledger_head"),
    )
    op.create_table(
        "ledger_head_cursor",
        _key("shard", sa.SmallInteger),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("seal_no", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "receiver", name="pk_ledger_head_cursor"),
    )


def downgrade() -> None:
    """Drop them; what was published then proves nothing any more."""
    for name in ("ledger_head_cursor", "ledger_head", "ledger_seal"):
        op.drop_table(name)
