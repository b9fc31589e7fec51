"""Runs and the files that they read.

Revision: r0001, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

_COUNTS = ("read", "accepted", "rejected", "duplicates", "not_permitted")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "run",
        sa.Column("run_no", sa.Integer(), primary_key=True),
        sa.Column("started_at_us", sa.BigInteger(), nullable=False),
        sa.Column("finished_at_us", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("pseudonym_key_id", sa.String(16), nullable=False),
        sa.Column("permission_sequence", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _COUNTS),
        sa.Column("profiles", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "ingested_file",
        sa.Column("content_sha256", sa.String(64), primary_key=True),
        sa.Column("run_no", sa.Integer(), sa.ForeignKey("run.run_no"), nullable=False),
        sa.Column("name", sa.String(1024), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("octets", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _COUNTS),
    )
    op.create_index("ingested_file_run_no", "ingested_file", ["run_no"])


def downgrade() -> None:
    """Remove both tables."""
    op.drop_table("ingested_file")
    op.drop_table("run")
