"""What each source of collection has given.

Revision: r0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "collected_file",
        sa.Column("collected_no", sa.Integer(), primary_key=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("name", sa.String(1024), nullable=False),
        sa.Column("version", sa.String(256), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("octets", sa.BigInteger(), nullable=False),
        sa.Column("landed_as", sa.String(1024), nullable=False),
        sa.Column("collected_at_us", sa.BigInteger(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.UniqueConstraint("source", "name", "version", name="collected_file_once"),
    )
    op.create_index("collected_file_content", "collected_file", ["content_sha256"])


def downgrade() -> None:
    """Remove it again."""
    op.drop_table("collected_file")
