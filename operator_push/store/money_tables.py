"""Money tables: the small ones beside the postings; what is posted stands in ledger_transfer alone."""

from sqlalchemy import Column, SmallInteger, Table, Text

from operator_push.domain.ledger_papers import DIGEST
from operator_push.store.schema_columns import (
    key_column,
    later_number,
    later_text,
    metadata,
    small_column,
    text_column,
    whole_column,
)

# Sums of ledger_transfer, kept in the same transaction; `side` as in domain.transfers.
balance = Table(
    "balance",
    metadata,
    key_column("shard", SmallInteger),
    key_column("account_no"),
    key_column("side", SmallInteger),
    whole_column("amount_micros"),
)

# A client's own reference makes a retried top-up harmless. Here and in `correction` the last column is the
# digest of the others (domain.ledger_papers), empty in rows of older versions.
top_up = Table(
    "top_up",
    metadata,
    key_column("account_no"),
    Column("client_reference", Text(), primary_key=True),
    whole_column("reference"),
    whole_column("amount_micros"),
    whole_column("at_us"),
    later_text(DIGEST),
)

# Why a posting by hand was made, and by whom; the client's own reference makes a retry harmless. `kind` as in
# domain.transfers, `reference` that of the posting, `tax_micros` of a credit note, `message_id` 0 for none.
correction = Table(
    "correction",
    metadata,
    key_column("account_no"),
    Column("client_reference", Text(), primary_key=True),
    small_column("kind"),
    whole_column("reference"),
    whole_column("amount_micros"),
    whole_column("tax_micros"),
    whole_column("message_id"),
    text_column("reason"),
    whole_column("at_us"),
    text_column("changed_by"),
    later_number("taken_back_micros"),
    later_number("short_micros"),
    later_text(DIGEST),
)

# The list of holds that nothing resolved in time. `account_no` whose money it was; `late_segments` were told
# to be delivered afterwards, `charged_micros` is what somebody decided to charge for them, with `changed_by`.
expired_hold = Table(
    "expired_hold",
    metadata,
    key_column("shard", SmallInteger),
    key_column("message_id"),
    whole_column("account_no"),
    whole_column("expired_micros"),
    whole_column("price_micros"),
    whole_column("expired_us"),
    small_column("late_segments"),
    whole_column("late_us"),
    whole_column("charged_micros"),
    text_column("changed_by"),
)
