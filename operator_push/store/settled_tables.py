"""Settled tables: up to which day a start has nothing to look for, and what was open lately."""

from sqlalchemy import SmallInteger, Table

from operator_push.store.schema_columns import key_column, metadata, octets_column, whole_column

# One row per shard, updated in place: in the days before `until_day` no message is open and no delivery is
# owed, and no final row has a sequence above `sequence`.
settled_days = Table(
    "settled_days",
    metadata,
    key_column("shard", SmallInteger),
    whole_column("until_day"),
    whole_column("sequence"),
)

# One row per shard, updated in place: what was open and owed when no id up to `above_id` was still to come
# (store.since, OpenMark). The ids are little-endian, 8 octets each, ascending.
open_mark = Table(
    "open_mark",
    metadata,
    key_column("shard", SmallInteger),
    whole_column("above_id"),
    whole_column("highest_id"),
    whole_column("sequence"),
    octets_column("open_ids"),
    octets_column("receipt_ids"),
    octets_column("delivery_ids"),
)
