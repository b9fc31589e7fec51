"""Alias rows: the short names of messages, read back at a start and looked up for people."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from operator_push.services.message_names import days_of_alias
from operator_push.store import schema
from operator_push.store.statements import pages


def aliases_since(connection: Connection, shard: int, from_day: int) -> Iterator[tuple[int, int, int]]:
    """(account_no, alias, shown id) of every short name since a day, by day, account and alias."""
    row = schema.message_alias.c
    statement = (
        select(row.account_no, row.alias, row.message_id)
        .where(row.shard == shard, row.day >= from_day)
        .order_by(row.day, row.account_no, row.alias)
    )
    yield from pages(connection, statement)


def messages_named(connection: Connection, shard: int, alias: int, today: int) -> list[tuple[int, int]]:
    """(account_no, shown id) of every account's message with this short name, newest first.

    Each account has names of its own, so there may be several.
    """
    row = schema.message_alias.c
    found = connection.execute(
        select(row.account_no, row.message_id)
        .where(row.shard == shard, row.day.in_(days_of_alias(alias, today)), row.alias == alias)
        .order_by(row.message_id.desc())
    )
    return [(account_no, shown_id) for account_no, shown_id in found]
