"""Routing tables: which links carry what, and which numbers lie in which network. Small."""

from sqlalchemy import Table

from operator_push.store.schema_columns import key_column, metadata, text_column
from operator_push.store.schema_columns import whole_column as int_column

# `kind`: route or network (services.manage_routes.RoutingKind); `settings`: JSON, the keys of a [[route]] or
# [[network]] table without what is at its default; `removed_us` 0 while it is in force.
routing_row = Table(
    "routing_row",
    metadata,
    key_column("row_no"),
    text_column("kind"),
    text_column("settings"),
    int_column("added_us"),
    text_column("added_by"),
    int_column("removed_us"),
    text_column("removed_by"),
)
