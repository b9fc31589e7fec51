"""Dispute tables: who disputed which message, and what became of it.

Small, and never edited: the state of a dispute is that of its last event; one without an event is open. The
second key keeps a message from being disputed twice at a time.
"""

from sqlalchemy import SmallInteger, Table, UniqueConstraint

from operator_push.store.schema_columns import (
    key_column,
    metadata,
    small_column,
    text_column,
    whole_column,
)

# dispute_no ascends from 1. `shard` keeps the message; `account_no` is who sent it, `raised_by` client or
# operator, `client_reference` the client's own name for it, "" without.
dispute = Table(
    "dispute",
    metadata,
    key_column("dispute_no"),
    small_column("shard"),
    whole_column("message_id"),
    small_column("round_no"),
    whole_column("account_no"),
    text_column("raised_by"),
    text_column("client_reference"),
    text_column("reason"),
    whole_column("at_us"),
    UniqueConstraint("message_id", "round_no"),
)

# event_no ascends from 0. `state` as in services.disputes; what was given back, by which posting (0: none),
# and the number of the credit note, "" where the charge is on no invoice yet.
dispute_event = Table(
    "dispute_event",
    metadata,
    key_column("dispute_no"),
    key_column("event_no", SmallInteger),
    text_column("state"),
    text_column("who"),
    text_column("note"),
    whole_column("at_us"),
    whole_column("amount_micros"),
    whole_column("posting"),
    text_column("document"),
)
