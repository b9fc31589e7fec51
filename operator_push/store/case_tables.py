"""Case tables: what could not be decided by machine, and what people made of it.

A case is never edited; its state is that of its last event. A case without an event is open.
"""

from sqlalchemy import SmallInteger, Table

from operator_push.store.schema_columns import (
    key_column,
    large_table,
    metadata,
    small_column,
    text_column,
    whole_column,
)

# `class` as in services.reconciliation, or ambiguous: what no file could tell apart.
reconciliation_case = large_table(
    "reconciliation_case",
    key_column("case_id"),
    text_column("class"),
    whole_column("message_id"),
    small_column("segment_no"),
    text_column("detail"),
    whole_column("at_us"),
)

# event_no ascends from 0 within a case. `state` as in services.reconciliation_cases; `who` gave the command,
# `assignee` has the case from then on. `posting` is the reference of the posting that moved money, 0 without.
# The amounts are those of the finding, and stand in the event that the reconciliation itself wrote.
reconciliation_case_event = Table(
    "reconciliation_case_event",
    metadata,
    key_column("shard", SmallInteger),
    key_column("case_id"),
    key_column("event_no"),
    text_column("state"),
    text_column("who"),
    text_column("assignee"),
    text_column("how"),
    text_column("note"),
    whole_column("posting"),
    whole_column("charged_micros"),
    whole_column("due_micros"),
    whole_column("at_us"),
)
