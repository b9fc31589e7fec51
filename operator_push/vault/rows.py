"""The vault's rows: its two tables by name, as the store's schema defines them.

The rooms `vault` and `store` do not know each other; a contract test holds these columns against the schema.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, Connection, LargeBinary, SmallInteger, Text, column, select, table

Row = tuple[Any, ...]

PAGE_ROWS = 10_000  # Ours: about a megabyte of rows in memory at a time.

vault_subscriber = table(
    "vault_subscriber",
    column("shard", SmallInteger()),
    column("subscriber_no", BigInteger()),
    column("lookup", LargeBinary()),
    column("msisdn", Text()),
    column("enrolled_us", BigInteger()),
    column("since_us", BigInteger()),
    column("key_version", SmallInteger()),
)

VAULT_SUBSCRIBER_COLUMNS = tuple(vault_subscriber.columns.keys())
VAULT_AUDIT_COLUMNS = (
    "shard", "day", "audit_id", "actor", "purpose", "subscriber_no", "lookups", "at_us", "chain_no", "chain",
)  # fmt: skip


def subscribers(connection: Connection, shard: int) -> Iterator[tuple[int, bytes, str, int, int]]:
    """(subscriber_no, lookup, msisdn, since_us, key_version) of everybody in the shard, by number."""
    row = vault_subscriber.c
    statement = (
        select(row.subscriber_no, row.lookup, row.msisdn, row.since_us, row.key_version)
        .where(row.shard == shard)
        .order_by(row.subscriber_no)
        .execution_options(yield_per=PAGE_ROWS)
    )
    yield from connection.execute(statement)
