"""List tables: the distribution lists of accounts. Small tables, updated in place."""

from sqlalchemy import Boolean, Column, SmallInteger, Table, UniqueConstraint

from operator_push.store.schema_columns import (
    json_column,
    key_column,
    later_number,
    later_text,
    metadata,
    text_column,
)
from operator_push.store.schema_columns import whole_column as int_column

# An ESME's own lists of recipients (submit_multi, dest_flag 2); one without active members is gone.
# `columns`: name → type of domain.personal.own_columns, as JSON.
distribution_list = Table(
    "distribution_list",
    metadata,
    key_column("list_no"),
    int_column("account_no"),
    text_column("name"),
    int_column("created_us"),
    json_column("columns"),
    UniqueConstraint("account_no", "name"),
)

# `by_code`: 1 where the client brought the customer's code and knows no number; `own`: its values by column
# as JSON, "" for none or none any more, and `own_us` when they were uploaded.
distribution_list_member = Table(
    "distribution_list_member",
    metadata,
    key_column("list_no"),
    key_column("subscriber_no"),
    Column("active", Boolean(), nullable=False),
    later_number("by_code", SmallInteger),
    later_text("own"),
    later_number("own_us"),
)
