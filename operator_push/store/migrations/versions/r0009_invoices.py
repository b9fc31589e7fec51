"""Invoices: final documents, the postings that they hold, their series of numbers, and what came after.

What the columns mean is said in operator_push.store.invoice_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import text_column as _text

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "invoice_series",
        _text("series"),
        _big("last_serial"),
        sa.PrimaryKeyConstraint("series", name="pk_invoice_series"),
    )
    op.create_table(
        "invoice_document",
        _text("series"),
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("number"),
        _text("kind"),
        _big("account_no"),
        _text("subject"),
        _text("about"),
        _big("from_us"),
        _big("until_us"),
        _big("settled_until_day"),
        _big("total_micros"),
        _big("prepaid_micros"),
        _big("payable_micros"),
        _text("due_date"),
        _big("issued_us"),
        _text("issued_by"),
        _text("content"),
        _text("content_sha256"),
        sa.PrimaryKeyConstraint("series", "serial", name="pk_invoice_document"),
        sa.UniqueConstraint("number", name="uq_invoice_document_number"),
        sa.UniqueConstraint("subject", name="uq_invoice_document_subject"),
    )
    op.create_table(
        "invoice_source",
        _text("series"),
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        _big("postings"),
        _big("amount_micros"),
        sa.PrimaryKeyConstraint("series", "serial", "shard", "day", name="pk_invoice_source"),
    )
    op.create_table(
        "invoice_event",
        _text("number"),
        sa.Column("event_no", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("kind"),
        _big("amount_micros"),
        _text("note"),
        _big("at_us"),
        _text("told_by"),
        sa.PrimaryKeyConstraint("number", "event_no", name="pk_invoice_event"),
    )


def downgrade() -> None:
    """Drop them, and with them every document."""
    for name in ("invoice_event", "invoice_source", "invoice_document", "invoice_series"):
        op.drop_table(name)
