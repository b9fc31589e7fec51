"""Usage rows: what stands in the usage book, written by value so that writing twice changes nothing."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, or_, select

from operator_push.services.changes import UsageKey
from operator_push.services.usage_book import FOR_EVER
from operator_push.store import schema
from operator_push.store.insert_texts import placeholders
from operator_push.store.statements import pages

_COLUMNS = "shard, account_no, month, kind, subscriber_no, tariff, rule, amount"


def write_usage(connection: Connection, shard: int, usage: Mapping[UsageKey, int]) -> None:
    """Let these amounts stand from now on."""
    if not usage:
        return
    # Sorted: two writers take their row locks in the same order.
    rows = [(shard, *key, amount) for key, amount in sorted(usage.items())]
    marks = placeholders(connection.dialect.name, 8)
    connection.exec_driver_sql(
        f"INSERT INTO tariff_usage ({_COLUMNS}) VALUES ({marks}) ON CONFLICT "
        "(shard, account_no, month, kind, subscriber_no, tariff, rule) DO UPDATE "
        "SET amount = excluded.amount",
        rows,
    )


def usage_since(connection: Connection, shard: int, month: int) -> Iterator[tuple[UsageKey, int]]:
    """What stands of months from `month` on, and of what counts for ever."""
    row = schema.tariff_usage.c
    statement = select(
        row.account_no, row.month, row.kind, row.subscriber_no, row.tariff, row.rule, row.amount
    ).where(row.shard == shard, or_(row.month >= month, row.month == FOR_EVER), row.amount > 0)
    for account_no, in_month, kind, subscriber_no, tariff, rule, amount in pages(connection, statement):
        yield (account_no, in_month, kind, subscriber_no, tariff, rule), amount
