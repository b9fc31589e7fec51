"""Online tables: what the operator's charging system has reserved for each account that it charges.

One row an account, replaced in the transaction of the postings that it explains. The columns are the fields
of services.online_slice.OnlineSlice, and are explained there.
"""

from sqlalchemy import SmallInteger, Table

from operator_push.store.schema_columns import key_column, metadata, small_column, text_column, whole_column

online_slice = Table(
    "online_slice",
    metadata,
    key_column("shard", SmallInteger),
    key_column("account_no"),
    text_column("session_id"),
    whole_column("number"),
    whole_column("quota_micros"),
    whole_column("granted_micros"),
    whole_column("offline_micros"),
    whole_column("returned_micros"),
    whole_column("reported_micros"),
    whole_column("doubt_micros"),
    whole_column("advanced_micros"),
    whole_column("valid_from_us"),
    whole_column("valid_until_us"),
    small_column("is_final"),
    text_column("failure_handling"),
    small_column("asked_step"),
    text_column("asked_session"),
    whole_column("asked_number"),
    whole_column("asked_micros"),
    whole_column("asked_used_micros"),
    whole_column("not_before_us"),
    whole_column("at_us"),
)
