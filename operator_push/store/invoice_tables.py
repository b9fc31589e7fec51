"""Invoice tables: final documents with what they hold, and how far each series of numbers has come.

Small beside the messages: a row a document and day. A document is inserted once and never changed; its text
is the truth, the columns beside it are for finding it.
"""

from sqlalchemy import Column, Integer, SmallInteger, Table, Text, UniqueConstraint

from operator_push.store.schema_columns import key_column, metadata, text_column
from operator_push.store.schema_columns import whole_column as _int

# Updated in place, in the transaction that keeps the document with that serial: so there is no gap.
invoice_series = Table(
    "invoice_series",
    metadata,
    Column("series", Text(), primary_key=True, nullable=False),
    _int("last_serial"),
)

# `kind` of domain.invoicing.document; `subject` is what a document is about, so that nothing has two;
# `about` the number of the invoice that a credit note corrects; `settled_until_day`: before it nothing could
# be charged any more when it was issued. Moments are 0 where a kind has none.
invoice_document = Table(
    "invoice_document",
    metadata,
    Column("series", Text(), primary_key=True, nullable=False),
    key_column("serial"),
    text_column("number"),
    text_column("kind"),
    _int("account_no"),
    text_column("subject"),
    text_column("about"),
    _int("from_us"),
    _int("until_us"),
    _int("settled_until_day"),
    _int("total_micros"),
    _int("prepaid_micros"),
    _int("payable_micros"),
    text_column("due_date"),
    _int("issued_us"),
    text_column("issued_by"),
    text_column("content"),
    text_column("content_sha256"),
    UniqueConstraint("number"),
    UniqueConstraint("subject"),
)

# Which postings an invoice holds: of each shard and day (that of ledger_transfer) how many, and their sum.
invoice_source = Table(
    "invoice_source",
    metadata,
    Column("series", Text(), primary_key=True, nullable=False),
    key_column("serial"),
    key_column("shard", SmallInteger),
    key_column("day", Integer),
    _int("postings"),
    _int("amount_micros"),
)

# Which months ("2026-10") of an account were closed whole: invoice, credit notes, what its tariff posts at a
# month's end. Nothing is proved by it: it only spares the work of looking again.
closed_month = Table(
    "closed_month",
    metadata,
    key_column("account_no"),
    Column("month", Text(), primary_key=True, nullable=False),
    _int("closed_us"),
    text_column("closed_by"),
)

# What happened to an invoice afterwards: `kind` reminded or written_off.
invoice_event = Table(
    "invoice_event",
    metadata,
    Column("number", Text(), primary_key=True, nullable=False),
    key_column("event_no"),
    text_column("kind"),
    _int("amount_micros"),
    text_column("note"),
    _int("at_us"),
    text_column("told_by"),
)
