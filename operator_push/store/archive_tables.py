"""Archive tables: which days have left the hot tables, and what an archive holds.

A day is archived once its row stands in `archived_day`: from then on its archive file is the truth, and rows
of that day that still stand in the hot tables are only waiting to be cleared away.
"""

from sqlalchemy import Integer, SmallInteger, Table

from operator_push.store.schema_columns import key_column, metadata, text_column
from operator_push.store.schema_columns import whole_column as _int

# The sums are the day's own, for whoever wants figures without opening files; highest_id and highest_sequence
# keep both counters ascending where the newest rows are archived. `cleared_us` 0: hot rows may still stand.
archived_day = Table(
    "archived_day",
    metadata,
    key_column("shard", SmallInteger),
    key_column("day", Integer),
    text_column("folder"),
    text_column("file"),
    _int("messages"),
    _int("row_count"),
    _int("held_micros"),
    _int("settled_micros"),
    _int("released_micros"),
    _int("highest_id"),
    _int("highest_sequence"),
    _int("archived_us"),
    _int("cleared_us"),
)
