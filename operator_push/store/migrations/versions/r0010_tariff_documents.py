"""Tariff documents: the versions, the choice, by what each message was priced, and what is used.

What the columns mean is said in operator_push.store.tariff_tables; this page states what was created, and
never changes.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import text_column as _text

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _small(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    """Create the tables; without a document everything is priced by rows, as before."""
    op.create_table(
        "tariff_document",
        _big("document_no"),
        _text("tariff"),
        _big("version"),
        _text("file"),
        _text("text"),
        _big("imported_us"),
        _text("imported_by"),
        sa.PrimaryKeyConstraint("document_no", name="pk_tariff_document"),
        sa.UniqueConstraint("tariff", "version", name="uq_tariff_document_tariff_version"),
    )
    op.create_table(
        "tariff_choice",
        _big("choice_no"),
        _text("tariff"),
        _big("changed_us"),
        _text("changed_by"),
        sa.PrimaryKeyConstraint("choice_no", name="pk_tariff_choice"),
    )
    op.create_table(
        "message_price",
        _small("shard"),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        _big("message_id"),
        _big("priced_us"),
        _big("document_no"),
        _small("parts_before"),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("usage", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "day", "message_id", name="pk_message_price"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tariff_usage",
        _small("shard"),
        _big("account_no"),
        _big("month"),
        _small("kind"),
        _big("subscriber_no"),
        _text("tariff"),
        _text("rule"),
        _big("amount"),
        sa.PrimaryKeyConstraint(
            "shard",
            "account_no",
            "month",
            "kind",
            "subscriber_no",
            "tariff",
            "rule",
            name="pk_tariff_usage",
        ),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop them; messages priced by documents then keep their amounts and lose their reasons."""
    op.drop_table("tariff_usage")
    op.drop_table("message_price")
    op.drop_table("tariff_choice")
    op.drop_table("tariff_document")
