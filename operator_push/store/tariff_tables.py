"""Tariff tables: rows and documents by which messages are priced, what each was priced by, what is used."""

from sqlalchemy import Column as _Column
from sqlalchemy import SmallInteger, String, Table, Text, UniqueConstraint

from operator_push.store.schema_columns import (
    key_column,
    large_table,
    metadata,
    octets_column,
    small_column,
    text_column,
)
from operator_push.store.schema_columns import whole_column as _int

# Prices, each with the version of the tariff that began it and the one that ended it (0: in force). A price
# is never rewritten, so the rows tell what applied when. `traffic_class` 0: any; `valid_until_us` 0: without
# end.
tariff_row = Table(
    "tariff_row",
    metadata,
    key_column("row_no"),
    _int("version"),
    text_column("prefix"),
    small_column("traffic_class"),
    _int("price_micros"),
    _Column("currency", String(3), nullable=False),
    _int("valid_from_us"),
    _int("valid_until_us"),
    _int("changed_us"),
    text_column("changed_by"),
    _int("ended_version"),
    _int("ended_us"),
    text_column("ended_by"),
)

# One row per imported version, never changed: `text` is that of the file as it came, `file` its name.
tariff_document = Table(
    "tariff_document",
    metadata,
    key_column("document_no"),
    text_column("tariff"),
    _int("version"),
    text_column("file"),
    text_column("text"),
    _int("imported_us"),
    text_column("imported_by"),
    UniqueConstraint("tariff", "version"),
)

# The one row (choice_no 0) that says by which tariff accounts pay whose terms name none; without it by rows.
tariff_choice = Table(
    "tariff_choice",
    metadata,
    key_column("choice_no"),
    text_column("tariff"),
    _int("changed_us"),
    text_column("changed_by"),
)

# By what a message was priced where a document priced it, so that its price can be worked out again:
# `facts` (JSON of domain.rating.values.RatingRequest for one segment, the recipient cut to the digits that
# the version looks at), `usage` (JSON of what the account had used before, empty for nothing), `priced_us`
# the moment of the price, `parts_before` how many segments of the same long message came before.
message_price = large_table(
    "message_price",
    key_column("message_id"),
    _int("priced_us"),
    _int("document_no"),
    small_column("parts_before"),
    octets_column("facts"),
    octets_column("usage"),
)

# What stands in the usage book (services.usage_book): segments of a month by price or bundle (kind 1),
# segments that a contact's month has covered (kind 2, with its subscriber_no), micros of a credit over its
# life (kind 3, month 0). `month` is 202605 in the tariff's zone. Updated in place.
tariff_usage = Table(
    "tariff_usage",
    metadata,
    key_column("shard", SmallInteger),
    key_column("account_no"),
    key_column("month"),
    key_column("kind", SmallInteger),
    key_column("subscriber_no"),
    _Column("tariff", Text(), primary_key=True, nullable=False),
    _Column("rule", Text(), primary_key=True, nullable=False),
    _int("amount"),
    sqlite_with_rowid=False,
)
