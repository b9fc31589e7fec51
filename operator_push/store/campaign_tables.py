"""Campaign tables: what was ordered, and whom a campaign was launched for."""

from sqlalchemy import Column, Table, Text

from operator_push.store.schema_columns import (
    json_column,
    key_column,
    later_octets,
    metadata,
    octets_column,
    small_column,
    text_column,
    whole_column,
)

# Updated in place. `state` is a value of domain.campaign, `terms` and `progress` are JSON objects of
# domain.campaign_terms.
campaign = Table(
    "campaign",
    metadata,
    key_column("campaign_no"),
    Column("name", Text(), nullable=False, unique=True),
    whole_column("account_no"),
    whole_column("brand_no"),
    small_column("category"),
    text_column("rule"),
    text_column("source"),
    text_column("text"),
    text_column("state"),
    whole_column("audience"),
    whole_column("segments"),
    whole_column("price_micros"),
    whole_column("quoted_micros"),
    whole_column("valid_until_us"),
    text_column("ordered_by"),
    text_column("approved_by"),
    # Of no use any more: whom a campaign has handed in is told by its message rows.
    whole_column("checkpoint"),
    whole_column("created_us"),
    whole_column("changed_us"),
    json_column("terms"),
    json_column("progress"),
)

# The people whom a campaign is for, fixed when it entered the contest for slots or was launched: a Roaring
# bitmap of subscriber numbers. `weights` are of services.campaign_people.
campaign_recipients = Table(
    "campaign_recipients",
    metadata,
    key_column("campaign_no"),
    octets_column("subscribers"),
    whole_column("fixed_us"),
    later_octets("weights"),
)
