"""DLT table: what is registered, as the file said it (domain.dlt_register.take_row)."""

from sqlalchemy import Column, Table, Text

from operator_push.store.schema_columns import metadata
from operator_push.store.schema_columns import text_column as _text
from operator_push.store.schema_columns import whole_column as _int

# `kind`: entity, header or template; `code`: its id, or the sender. A client has some hundreds.
dlt_registration = Table(
    "dlt_registration",
    metadata,
    Column("kind", Text(), primary_key=True, nullable=False),
    Column("code", Text(), primary_key=True, nullable=False),
    _text("entity"),
    _text("brand"),
    _text("kinds"),
    _text("text"),
    _int("changed_us"),
)
