"""Former rows: what stood in the register and of people's clocks before it was replaced, from now on.

What the columns mean is said in operator_push.store.former_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0044"
down_revision: str | None = "0043"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    """Create the tables, and note since when they are written."""
    big = sa.BigInteger()
    op.create_table(
        "dnd_entry_former",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("msisdn", big, autoincrement=False, nullable=False),
        sa.Column("until_us", big, autoincrement=False, nullable=False),
        sa.Column("blocked", sa.Text(), nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("days", sa.Text(), nullable=False),
        sa.Column("bands", sa.Text(), nullable=False),
        sa.Column("changed_us", big, nullable=False),
        sa.PrimaryKeyConstraint("shard", "msisdn", "until_us", name="pk_dnd_entry_former"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscriber_clock_former",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("subscriber_no", big, autoincrement=False, nullable=False),
        sa.Column("until_us", big, autoincrement=False, nullable=False),
        sa.Column("home_zone", sa.Text(), nullable=False),
        sa.Column("network_country", sa.Text(), nullable=False),
        sa.Column("changed_us", big, nullable=False),
        sa.PrimaryKeyConstraint("shard", "subscriber_no", "until_us", name="pk_subscriber_clock_former"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "former_since",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("since_us", big, nullable=False),
        sa.PrimaryKeyConstraint("shard", name="pk_former_since"),
    )
    seconds = (
        "CAST(strftime('%s', 'now') AS BIGINT)"
        if op.get_bind().dialect.name == "sqlite"
        else "CAST(EXTRACT(EPOCH FROM now()) AS BIGINT)"
    )
    op.execute(f"INSERT INTO former_since (shard, since_us) VALUES (0, {seconds} * 1000000)")


def downgrade() -> None:
    """Drop them; what was replaced is then not known any more."""
    for table in ("former_since", "subscriber_clock_former", "dnd_entry_former"):
        op.drop_table(table)
