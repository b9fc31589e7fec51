"""Audience tables: what clients asked, the sets of people that they were answered of, their saved rules."""

from sqlalchemy import Column, Table, Text

from operator_push.store.schema_columns import (
    key_column,
    metadata,
    octets_column,
    small_column,
    text_column,
    whole_column,
)

# Every question, for good: `outcome` as in services.answer_audiences; `told` -1 where no count was; `spent`
# 1 where it cost of the budget of `day` (UTC).
audience_query = Table(
    "audience_query",
    metadata,
    key_column("query_no"),
    whole_column("day"),
    text_column("account"),
    text_column("brand"),
    small_column("category"),
    text_column("rule"),
    text_column("asked_by"),
    text_column("outcome"),
    whole_column("told"),
    small_column("spent"),
    whole_column("at_us"),
)

# Sets that a client was told the size of: `people` the true size, `subscribers` a Roaring bitmap of numbers.
audience_answer = Table(
    "audience_answer",
    metadata,
    key_column("answer_no"),
    text_column("account"),
    text_column("brand"),
    text_column("rule"),
    whole_column("told"),
    whole_column("people"),
    octets_column("subscribers"),
    whole_column("at_us"),
)

# Rules of clients by name; a version is never changed.
saved_rule = Table(
    "saved_rule",
    metadata,
    key_column("account_no"),
    Column("name", Text(), primary_key=True, nullable=False),
    key_column("version"),
    text_column("text"),
    text_column("saved_by"),
    whole_column("saved_us"),
)

# Who else may use a rule, in all its versions.
saved_rule_share = Table(
    "saved_rule_share",
    metadata,
    key_column("account_no"),
    Column("name", Text(), primary_key=True, nullable=False),
    key_column("reader_no"),
)
