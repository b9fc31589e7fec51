"""Consent records: basis, end, jurisdiction and more evidence of every act; its chain, receipts, notices.

What the columns mean is said in operator_push.store.consent_tables; this page states what was created, and
never changes. `consent_event` is made anew with its rows, so that a migrated store has the very form of a new
one. Acts of before rest on consent, have no end, and count everywhere.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import key_column as _key
from operator_push.store.migrations.columns import small_column as _small
from operator_push.store.migrations.columns import text_column as _text
from operator_push.store.migrations.columns import whole_column as _whole

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_KEPT = (
    "shard, day, event_id, subscriber_no, brand_no, category, purpose, channel, action, at_us, method, "
    "detail, notice_version, language, reference"
)
_INDEX = "ix_consent_event_subscriber_no"


def _octets(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _make_events_anew(*more: sa.Column[int] | sa.Column[str] | sa.Column[bytes], values: str) -> None:
    """`values` fill the columns of `more` in the rows that are there."""
    op.execute(f"CREATE TABLE consent_event_kept AS SELECT {_KEPT} FROM consent_event")
    op.drop_table("consent_event")
    op.create_table(
        "consent_event",
        _key("shard", sa.SmallInteger),
        _key("day", sa.Integer),
        _key("event_id"),
        _whole("subscriber_no"),
        _whole("brand_no"),
        _small("category"),
        _small("purpose"),
        _text("channel"),
        _small("action"),
        _whole("at_us"),
        *(_text(name) for name in ("method", "detail", "notice_version", "language", "reference")),
        *more,
        sa.PrimaryKeyConstraint("shard", "day", "event_id", name="pk_consent_event"),
        sqlite_with_rowid=False,
    )
    op.execute(
        f"INSERT INTO consent_event SELECT {_KEPT}{values} FROM consent_event_kept"
        " ORDER BY shard, day, event_id"
    )
    op.execute("DROP TABLE consent_event_kept")


def upgrade() -> None:
    """Widen the acts and create what stands beside them."""
    no_octets = "''::bytea" if op.get_bind().dialect.name == "postgresql" else "X''"
    _make_events_anew(
        _small("basis"),
        _whole("expires_us"),
        _text("jurisdiction"),
        _text("more"),
        _octets("salt"),
        values=f", 1, 0, '*', '', {no_octets}",
    )
    op.create_index(_INDEX, "consent_event", ["shard", "subscriber_no", "event_id"])
    op.create_table(
        "consent_seal",
        _key("shard", sa.SmallInteger),
        _key("day", sa.Integer),
        _key("seal_no"),
        _whole("at_us"),
        _whole("events"),
        _octets("entries"),
        _octets("head"),
        sa.PrimaryKeyConstraint("shard", "day", "seal_no", name="pk_consent_seal"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "consent_head",
        _key("shard", sa.SmallInteger),
        _key("seal_no"),
        _key("day", sa.Integer),
        _text("line"),
        _whole("signed_us"),
        sa.PrimaryKeyConstraint("shard", "seal_no", "day", name="pk_consent_head"),
    )
    op.create_table(
        "consent_receipt",
        _key("shard", sa.SmallInteger),
        _key("event_id"),
        _text("jws"),
        _whole("signed_us"),
        sa.PrimaryKeyConstraint("shard", "event_id", name="pk_consent_receipt"),
    )
    op.create_table(
        "notice",
        *(_text(name) for name in ("notice_id", "version", "language", "text", "sha256")),
        _whole("added_us"),
        _text("added_by"),
        sa.PrimaryKeyConstraint("notice_id", "version", "language", name="pk_notice"),
    )


def downgrade() -> None:
    """Go back to acts without basis, end and jurisdiction; ends and chains are forgotten."""
    for table in ("notice", "consent_receipt", "consent_head", "consent_seal"):
        op.drop_table(table)
    op.drop_index(_INDEX, "consent_event")
    _make_events_anew(values="")
