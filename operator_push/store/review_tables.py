"""Review tables: texts that hold a word for stopping and leave open what is meant, and what people decided.

An item is never edited; one without an event is open.
"""

from sqlalchemy import SmallInteger, Table

from operator_push.store.schema_columns import key_column, large_table, metadata, text_column, whole_column

# `mo_id` names the MO message; `matched` the phrase for whose sake a person looks; `text` its beginning.
review_item = large_table(
    "review_item",
    key_column("mo_id"),
    whole_column("subscriber_no"),
    text_column("short_code"),
    text_column("matched"),
    text_column("text"),
    whole_column("at_us"),
)

# event_no ascends from 0 within an item. `how` as in services.review_items.
review_item_event = Table(
    "review_item_event",
    metadata,
    key_column("shard", SmallInteger),
    key_column("mo_id"),
    key_column("event_no"),
    text_column("how"),
    text_column("who"),
    text_column("note"),
    whole_column("at_us"),
)
