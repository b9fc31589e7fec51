"""Do-not-disturb table: the national register, by number; its rows are guarded as those of the vault are."""

from sqlalchemy import SmallInteger, Table

from operator_push.store.schema_columns import key_column, metadata
from operator_push.store.schema_columns import text_column as _text
from operator_push.store.schema_columns import whole_column as _int

# What a number has registered, as the file said it: domain.dnd_register.parse_entry reads it.
dnd_entry = Table(
    "dnd_entry",
    metadata,
    key_column("shard", SmallInteger),
    key_column("msisdn"),
    _text("blocked"),
    _text("channels"),
    _text("days"),
    _text("bands"),
    _int("changed_us"),
    sqlite_with_rowid=False,
)
