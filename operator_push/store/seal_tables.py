"""Seal tables: the ledger's chain, its signed heads, and who has taken them."""

from sqlalchemy import Integer, SmallInteger, Table, Text
from sqlalchemy.schema import Column

from operator_push.store.schema_columns import key_column, large_table, metadata, octets_column, text_column
from operator_push.store.schema_columns import whole_column as _int

# One row per commit that posted something: the postings once more, as octets, and the head that follows from
# them and the row before (domain.ledger_chain). `day` is that of the commit, not of the references inside.
ledger_seal = large_table(
    "ledger_seal", key_column("seal_no"), _int("at_us"), _int("postings"), octets_column("entries"),
    octets_column("head"),
)  # fmt: skip

# A head that was signed, and so may be published: `line` is the JSON line as it is given away.
ledger_head = Table(
    "ledger_head",
    metadata,
    key_column("shard", SmallInteger),
    key_column("seal_no"),
    key_column("day", Integer),
    text_column("line"),
    _int("signed_us"),
)

# How far each receiver of heads has taken them; updated in place.
ledger_head_cursor = Table(
    "ledger_head_cursor",
    metadata,
    key_column("shard", SmallInteger),
    Column("receiver", Text(), primary_key=True, nullable=False),
    _int("seal_no"),
)
