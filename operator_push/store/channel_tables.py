"""Channel tables: content that people subscribe to, and its issues. Small tables, updated in place."""

from sqlalchemy import Boolean, Column, Table, Text

from operator_push.store.schema_columns import key_column, metadata, small_column, text_column, whole_column

# See domain.channels.Channel; who subscribed is told by the acts of consent to its brand.
channel = Table(
    "channel",
    metadata,
    key_column("channel_no"),
    Column("name", Text(), unique=True, nullable=False),
    whole_column("account_no"),
    whole_column("brand_no"),
    small_column("category"),
    text_column("short_code"),
    text_column("keyword"),
    Column("is_double", Boolean(), nullable=False),
    text_column("notice_id"),
    whole_column("created_us"),
    text_column("created_by"),
    whole_column("closed_us"),
)

# Which campaign an issue of a channel was handed in as.
channel_issue = Table(
    "channel_issue",
    metadata,
    key_column("campaign_no"),
    whole_column("channel_no"),
    whole_column("issue_no"),
)
