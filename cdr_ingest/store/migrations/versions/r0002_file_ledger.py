"""A ledger of files with states and checkpoints; the files of kept records by day.

Files that were ingested before are done. Revision: r0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

_COUNTS = ("read", "accepted", "rejected", "duplicates", "not_permitted")


def upgrade() -> None:
    """Create the tables and carry the files over."""
    op.create_table(
        "source_file",
        sa.Column("content_sha256", sa.String(64), primary_key=True),
        sa.Column("file_id", sa.Integer(), nullable=False, unique=True),
        sa.Column("name", sa.String(1024), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("octets", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("run_no", sa.Integer(), sa.ForeignKey("run.run_no")),
        sa.Column("changed_at_us", sa.BigInteger(), nullable=False),
        sa.Column("octets_read", sa.BigInteger(), nullable=False),
        sa.Column("blocks_read", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _COUNTS),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("detail", sa.String(1024), nullable=False),
    )
    op.create_index("source_file_run_no", "source_file", ["run_no"])
    op.create_table(
        "part",
        sa.Column("part_no", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("days", sa.Text(), nullable=False),
        sa.Column("reject_octets", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "kept_file",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("run_no", sa.Integer(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
    )
    columns = ", ".join(_COUNTS)
    counts = ", ".join(f"f.{name}" for name in _COUNTS)
    op.execute(
        "INSERT INTO source_file (content_sha256, file_id, name, kind, octets, state, run_no,"
        f" changed_at_us, octets_read, blocks_read, reasons, detail, {columns})"
        " SELECT f.content_sha256, row_number() OVER (ORDER BY f.run_no, f.name), f.name, f.kind, f.octets,"
        f" 'done', f.run_no, run.finished_at_us, f.octets, 0, '{{}}', '', {counts}"
        " FROM ingested_file f JOIN run ON run.run_no = f.run_no"
    )
    op.drop_table("ingested_file")


def downgrade() -> None:
    """Back to the files that are done; what waited or was half read is forgotten."""
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
    columns = ", ".join(("content_sha256", "run_no", "name", "kind", "octets", *_COUNTS))
    op.execute(
        f"INSERT INTO ingested_file ({columns}) SELECT {columns} FROM source_file WHERE state = 'done'"
    )
    op.drop_table("kept_file")
    op.drop_table("part")
    op.drop_table("source_file")
