"""Rule set table: what the number at the beginning of a trail stands for."""

from sqlalchemy import SmallInteger, Table

from operator_push.store.schema_columns import key_column, metadata
from operator_push.store.schema_columns import text_column as _text
from operator_push.store.schema_columns import whole_column as _int

# `content`: a JSON object of domain.rule_sets.describe. A row never changes.
rule_set = Table(
    "rule_set",
    metadata,
    key_column("shard", SmallInteger),
    key_column("rule_set_no"),
    _text("content"),
    _int("first_used_us"),
)
