"""The first schema: every table of a store.

Large tables are keyed (shard, day, …) and are kept WITHOUT ROWID on SQLite. What the columns mean is said in
operator_push.store.schema; this page states what was created, and never changes.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from operator_push.store.migrations.columns import text_column as _text

revision: str = "0001"
down_revision: str | None = None
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def _big(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _integer(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def _small(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger(), autoincrement=False, nullable=False)


def _boolean(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _code(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _octets(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _create_large(name: str, *columns: sa.Column[Any], key: tuple[str, ...]) -> None:
    op.create_table(
        name,
        _small("shard"),
        _integer("day"),
        *columns,
        sa.PrimaryKeyConstraint("shard", "day", *key, name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )


TABLES = (
    "message",
    "attempt",
    "submit_result",
    "segment_outcome",
    "message_final",
    "ledger_transfer",
    "balance",
    "top_up",
    "esme_delivery",
    "esme_delivery_ack",
    "receipt_aside",
    "mo_message",
    "consent_event",
    "vault_subscriber",
    "vault_audit",
    "reconciliation_case",
    "brand",
    "account",
    "campaign",
    "smsc_link",
    "incarnation",
    "sink_cursor",
    "cdr_period",
)


def upgrade() -> None:
    """Create every table."""
    _create_messages()
    _create_money()
    _create_inbound_and_owed()
    _create_people()
    _create_operations()


def downgrade() -> None:
    """Drop every table, and with them everything that the store knows."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _create_messages() -> None:
    _create_large(
        "message",
        _big("message_id"),
        _big("account_no"),
        _small("origin"),
        _big("campaign_no"),
        _big("brand_no"),
        _small("category"),
        _small("traffic_class"),
        _big("subscriber_no"),
        _text("source"),
        _text("destination"),
        _small("segment_count"),
        _big("price_micros"),
        _big("held_micros"),
        _small("verdict"),
        _small("reason"),
        _octets("trail"),
        _big("client_reference"),
        _small("registered_delivery"),
        _big("not_before_us"),
        _octets("body"),
        key=("message_id",),
    )
    _create_large(
        "attempt",
        _big("message_id"),
        _small("segment_no"),
        _small("attempt_no"),
        _big("link_no"),
        _big("incarnation"),
        _big("user_message_reference"),
        _big("at_us"),
        key=(
            "message_id",
            "segment_no",
            "attempt_no",
        ),
    )
    _create_large(
        "submit_result",
        _big("message_id"),
        _small("segment_no"),
        _small("attempt_no"),
        _big("command_status"),
        _text("smsc_message_id"),
        _big("at_us"),
        key=(
            "message_id",
            "segment_no",
            "attempt_no",
        ),
    )
    _create_large(
        "segment_outcome",
        _big("message_id"),
        _small("segment_no"),
        _small("state"),
        _small("told_by"),
        _text("smsc_message_id"),
        _text("error_code"),
        _big("at_us"),
        key=(
            "message_id",
            "segment_no",
        ),
    )
    _create_large(
        "message_final",
        _big("message_id"),
        _big("sequence"),
        _small("state"),
        _small("segments_delivered"),
        _big("settled_micros"),
        _big("released_micros"),
        _big("at_us"),
        key=("message_id",),
    )


def _create_money() -> None:
    _create_large(
        "ledger_transfer",
        _big("reference"),
        _small("kind"),
        _big("account_no"),
        _small("debit"),
        _small("credit"),
        _big("amount_micros"),
        _code("currency", 3),
        _big("at_us"),
        key=(
            "reference",
            "kind",
        ),
    )
    op.create_table(
        "balance",
        _small("shard"),
        _big("account_no"),
        _small("side"),
        _big("amount_micros"),
        sa.PrimaryKeyConstraint("shard", "account_no", "side", name="pk_balance"),
    )
    op.create_table(
        "top_up",
        _big("account_no"),
        _text("client_reference"),
        _big("reference"),
        _big("amount_micros"),
        _big("at_us"),
        sa.PrimaryKeyConstraint("account_no", "client_reference", name="pk_top_up"),
    )


def _create_inbound_and_owed() -> None:
    _create_large(
        "esme_delivery",
        _big("delivery_id"),
        _big("account_no"),
        _small("kind"),
        _big("message_id"),
        _octets("body"),
        key=("delivery_id",),
    )
    _create_large(
        "esme_delivery_ack",
        _big("delivery_id"),
        _small("outcome"),
        _big("at_us"),
        key=("delivery_id",),
    )
    _create_large(
        "receipt_aside",
        _big("receipt_id"),
        _big("link_no"),
        _text("smsc_message_id"),
        _small("state"),
        _small("outcome"),
        _big("at_us"),
        key=("receipt_id",),
    )
    _create_large(
        "mo_message",
        _big("mo_id"),
        _big("link_no"),
        _big("subscriber_no"),
        _text("source"),
        _text("destination"),
        _small("action"),
        _big("stops"),
        _octets("body"),
        _big("at_us"),
        key=("mo_id",),
    )


def _create_people() -> None:
    _create_large(
        "consent_event",
        _big("event_id"),
        _big("subscriber_no"),
        _big("brand_no"),
        _small("category"),
        _small("purpose"),
        _text("channel"),
        _small("action"),
        _big("at_us"),
        _text("method"),
        _text("detail"),
        _text("notice_version"),
        _text("language"),
        _text("reference"),
        key=("event_id",),
    )
    op.create_table(
        "vault_subscriber",
        _small("shard"),
        _big("subscriber_no"),
        _octets("lookup"),
        _text("msisdn"),
        _big("enrolled_us"),
        sa.PrimaryKeyConstraint("shard", "subscriber_no", name="pk_vault_subscriber"),
        sa.UniqueConstraint("shard", "lookup", name="uq_vault_subscriber_shard_lookup"),
        sqlite_with_rowid=False,
    )
    _create_large(
        "vault_audit",
        _big("audit_id"),
        _text("actor"),
        _text("purpose"),
        _big("subscriber_no"),
        _big("lookups"),
        _big("at_us"),
        key=("audit_id",),
    )


def _create_operations() -> None:
    _create_large(
        "reconciliation_case",
        _big("case_id"),
        _text("class"),
        _big("message_id"),
        _small("segment_no"),
        _text("detail"),
        _big("at_us"),
        key=("case_id",),
    )
    op.create_table(
        "brand",
        _big("brand_no"),
        _text("name"),
        sa.PrimaryKeyConstraint("brand_no", name="pk_brand"),
        sa.UniqueConstraint("name", name="uq_brand_name"),
    )
    op.create_table(
        "account",
        _big("account_no"),
        _text("name"),
        _text("kind"),
        _big("brand_no"),
        _text("password_hash"),
        _boolean("active"),
        _small("traffic_class"),
        _small("category"),
        _text("allowed_sources"),
        _boolean("any_destination"),
        _big("window"),
        _big("binds_max"),
        _code("currency", 3),
        _big("created_us"),
        sa.PrimaryKeyConstraint("account_no", name="pk_account"),
        sa.UniqueConstraint("name", name="uq_account_name"),
    )
    op.create_table(
        "campaign",
        _big("campaign_no"),
        _text("name"),
        _big("account_no"),
        _big("brand_no"),
        _small("category"),
        _text("rule"),
        _text("source"),
        _text("text"),
        _text("state"),
        _big("audience"),
        _big("segments"),
        _big("price_micros"),
        _big("quoted_micros"),
        _big("valid_until_us"),
        _text("ordered_by"),
        _text("approved_by"),
        _big("checkpoint"),
        _big("created_us"),
        _big("changed_us"),
        sa.PrimaryKeyConstraint("campaign_no", name="pk_campaign"),
        sa.UniqueConstraint("name", name="uq_campaign_name"),
    )
    op.create_table(
        "smsc_link",
        _big("link_no"),
        _text("name"),
        sa.PrimaryKeyConstraint("link_no", name="pk_smsc_link"),
        sa.UniqueConstraint("name", name="uq_smsc_link_name"),
    )
    op.create_table(
        "incarnation",
        _small("shard"),
        _big("incarnation"),
        _big("started_us"),
        sa.PrimaryKeyConstraint("shard", "incarnation", name="pk_incarnation"),
    )
    op.create_table(
        "sink_cursor",
        _text("sink"),
        _small("shard"),
        _big("sequence"),
        sa.PrimaryKeyConstraint("sink", "shard", name="pk_sink_cursor"),
    )
    op.create_table(
        "cdr_period",
        _text("content_sha256"),
        _text("file_name"),
        _big("rows_read"),
        _big("at_us"),
        sa.PrimaryKeyConstraint("content_sha256", name="pk_cdr_period"),
    )
