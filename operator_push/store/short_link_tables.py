"""Short link tables: the link of each campaign, and what happened to it."""

from sqlalchemy import Index, SmallInteger, Table

from operator_push.store.schema_columns import (
    key_column,
    metadata,
    octets_column,
    small_column,
    text_column,
    whole_column,
)

# See domain.short_links.ShortLink. `key` is empty once the tokens are erased.
short_link = Table(
    "short_link",
    metadata,
    key_column("campaign_no"),
    text_column("host"),
    text_column("target"),
    octets_column("key"),
    whole_column("created_us"),
    whole_column("expires_us"),
)

# Visits and conversions, see domain.link_visits.Visit; `event_id` is the same for the same event, so that
# telling it twice counts once.
link_event = Table(
    "link_event",
    metadata,
    key_column("shard", SmallInteger),
    key_column("campaign_no"),
    key_column("event_id"),
    whole_column("subscriber_no"),
    small_column("kind"),
    small_column("why"),
    whole_column("at_us"),
    whole_column("value_micros"),
    text_column("order_ref"),
    Index("ix_link_event_subscriber_no", "subscriber_no"),
)
