"""List tables: the distribution lists of accounts. Small tables, updated in place."""

from sqlalchemy import Boolean, Column, Table, UniqueConstraint

from operator_push.store.schema_columns import key_column, metadata, text_column
from operator_push.store.schema_columns import whole_column as int_column

# An ESME's own lists of recipients (submit_multi, dest_flag 2); one without active members is gone.
distribution_list = Table(
    "distribution_list",
    metadata,
    key_column("list_no"),
    int_column("account_no"),
    text_column("name"),
    int_column("created_us"),
    UniqueConstraint("account_no", "name"),
)

distribution_list_member = Table(
    "distribution_list_member",
    metadata,
    key_column("list_no"),
    key_column("subscriber_no"),
    Column("active", Boolean(), nullable=False),
)
