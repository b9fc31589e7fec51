"""Sponsorship tables: what channels offer, who bought it, and which issues carried it. See
domain.sponsorship; small tables, updated in place."""

from sqlalchemy import Table

from operator_push.store.schema_columns import key_column, metadata, text_column, whole_column

channel_slot = Table(
    "channel_slot",
    metadata,
    key_column("channel_no"),
    whole_column("characters"),
    whole_column("price_micros"),
    whole_column("changed_us"),
    text_column("changed_by"),
)

channel_sponsorship = Table(
    "channel_sponsorship",
    metadata,
    key_column("sponsorship_no"),
    whole_column("channel_no"),
    whole_column("account_no"),
    text_column("line"),
    whole_column("issues"),
    whole_column("price_micros"),
    text_column("state"),
    text_column("asked_by"),
    whole_column("asked_us"),
    text_column("decided_by"),
    whole_column("decided_us"),
)

sponsored_issue = Table(
    "sponsored_issue",
    metadata,
    key_column("campaign_no"),
    whole_column("sponsorship_no"),
    whole_column("charged_micros"),
    whole_column("at_us"),
)
