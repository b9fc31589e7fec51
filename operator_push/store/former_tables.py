"""Former tables: what stood before in tables whose rows are replaced, so that an earlier moment can be asked.

A row is written when its successor is (store.former_rows); where a number was never replaced there is none.
Rows of the register are guarded as those of the vault are.
"""

from sqlalchemy import SmallInteger, Table

from operator_push.store.schema_columns import key_column, metadata
from operator_push.store.schema_columns import text_column as _text
from operator_push.store.schema_columns import whole_column as _int

# As in dnd_entry and subscriber_clock, and from which moment on until which other it stood.
dnd_entry_former = Table(
    "dnd_entry_former",
    metadata,
    key_column("shard", SmallInteger),
    key_column("msisdn"),
    key_column("until_us"),
    _text("blocked"),
    _text("channels"),
    _text("days"),
    _text("bands"),
    _int("changed_us"),
    sqlite_with_rowid=False,
)
subscriber_clock_former = Table(
    "subscriber_clock_former",
    metadata,
    key_column("shard", SmallInteger),
    key_column("subscriber_no"),
    key_column("until_us"),
    _text("home_zone"),
    _text("network_country"),
    _int("changed_us"),
    sqlite_with_rowid=False,
)

# One row in a store that is older than the two above: since when they are written. What was replaced before
# is not known any more.
former_since = Table(
    "former_since",
    metadata,
    key_column("shard", SmallInteger),
    _int("since_us"),
)
