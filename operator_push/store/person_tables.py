"""Person tables: what people say of themselves, beside what is learnt from records."""

from sqlalchemy import Column, SmallInteger, Table, Text

from operator_push.store.schema_columns import (
    key_column,
    metadata,
    small_column,
    text_column,
    whole_column,
)

# The latest that somebody declared under a name of domain.declared; an empty value is taken back.
declared_attribute = Table(
    "declared_attribute",
    metadata,
    key_column("shard", SmallInteger),
    key_column("subscriber_no"),
    Column("name", Text(), primary_key=True, nullable=False),
    text_column("value"),
    whole_column("declared_us"),
    text_column("declared_by"),
)

# To whom a brand's promotional message has told how to end them; `message_id`: the one that did, 0 where it
# never arrived and the next one must.
way_out = Table(
    "way_out",
    metadata,
    key_column("shard", SmallInteger),
    key_column("brand_no"),
    key_column("subscriber_no"),
    whole_column("message_id"),
)

# When and how often somebody wants promotions of all brands or of one, see domain.contact_wishes. A row a
# change: the newest of a scope counts.
contact_wish = Table(
    "contact_wish",
    metadata,
    key_column("shard", SmallInteger),
    key_column("subscriber_no"),
    key_column("brand_no"),
    key_column("category", SmallInteger),
    Column("channel", Text, primary_key=True, nullable=False),
    key_column("changed_us"),
    small_column("from_minute"),
    small_column("until_minute"),
    small_column("per_week"),
    text_column("changed_by"),
)
