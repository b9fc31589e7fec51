"""Former tables: what stood before in tables whose rows are replaced, so that an earlier moment can be asked.

A row is written when its successor is (store.former_rows); where a number was never replaced there is none.
Rows of the register are guarded as those of the vault are.
"""

from sqlalchemy import Column, SmallInteger, Table

from operator_push.store.clock_tables import subscriber_clock
from operator_push.store.dnd_tables import dnd_entry
from operator_push.store.schema_columns import key_column, metadata
from operator_push.store.schema_columns import whole_column as _int


def _former(table: Table) -> Table:
    """A table's columns, and with its key the moment until which a row stood there."""
    columns = [
        Column(each.name, each.type, primary_key=each.primary_key, autoincrement=False, nullable=False)
        for each in table.columns
    ]
    columns.insert(len(table.primary_key), key_column("until_us"))
    return Table(f"{table.name}_former", metadata, *columns, sqlite_with_rowid=False)


dnd_entry_former = _former(dnd_entry)
subscriber_clock_former = _former(subscriber_clock)

# One row in a store that is older than the two above: since when they are written. What was replaced before
# is not known any more.
former_since = Table(
    "former_since",
    metadata,
    key_column("shard", SmallInteger),
    _int("since_us"),
)
