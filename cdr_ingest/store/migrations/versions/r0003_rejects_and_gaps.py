"""Sealed rejects, quarantine, replays, and the sequence numbers of files.

Revision: r0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table of sealed files."""
    no = sa.false()
    op.add_column("source_file", sa.Column("released", sa.Boolean(), nullable=False, server_default=no))
    op.add_column("source_file", sa.Column("node", sa.String(64), nullable=False, server_default=""))
    op.add_column("source_file", sa.Column("sequence_number", sa.BigInteger()))
    op.add_column("part", sa.Column("sealed_octets", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("run", sa.Column("is_replay", sa.Boolean(), nullable=False, server_default=no))
    op.create_table(
        "sealed_file",
        sa.Column("run_no", sa.Integer(), primary_key=True),
        sa.Column("rejects", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at_us", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Remove them again."""
    op.drop_table("sealed_file")
    op.drop_column("run", "is_replay")
    op.drop_column("part", "sealed_octets")
    for name in ("sequence_number", "node", "released"):
        op.drop_column("source_file", name)
