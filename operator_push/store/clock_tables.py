"""Clock tables: by whose time a subscriber lives, as subscriber records tell it."""

from sqlalchemy import SmallInteger, Table

from operator_push.store.schema_columns import key_column, metadata
from operator_push.store.schema_columns import text_column as _text
from operator_push.store.schema_columns import whole_column as _int

# `home_zone`: IANA; `network_country`: mobile country code of the serving network; empty: not
# known.
subscriber_clock = Table(
    "subscriber_clock",
    metadata,
    key_column("shard", SmallInteger),
    key_column("subscriber_no"),
    _text("home_zone"),
    _text("network_country"),
    _int("changed_us"),
    sqlite_with_rowid=False,
)
