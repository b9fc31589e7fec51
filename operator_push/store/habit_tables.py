"""Habit tables: what was found out about an SMSC by listening to it. Small."""

from sqlalchemy import SmallInteger, Table

from operator_push.store.schema_columns import key_column, metadata, text_column

# How an SMSC writes its ids: `in_response` and `in_receipt` are a smpp.message_id.MessageIdForm each;
# `widths` JSON, the numbers of digits to which it pads ids with zeros in submit_sm_resp.
smsc_id_forms = Table(
    "smsc_id_forms",
    metadata,
    key_column("shard", SmallInteger),
    key_column("smsc_no"),
    text_column("in_response"),
    text_column("in_receipt"),
    text_column("widths"),
)
