"""Settled tables: up to which day a start has nothing to look for."""

from sqlalchemy import SmallInteger, Table

from operator_push.store.schema_columns import key_column, metadata, whole_column

# One row per shard, updated in place: in the days before `until_day` no message is open and no delivery is
# owed, and no final row has a sequence above `sequence`.
settled_days = Table(
    "settled_days",
    metadata,
    key_column("shard", SmallInteger),
    whole_column("until_day"),
    whole_column("sequence"),
)
