"""Closed months: which months of an account need not be looked at again."""

from sqlalchemy import Connection, func, select

from operator_push.store import schema
from operator_push.store.statements import insert_into


def last_closed_month(connection: Connection, account_no: int) -> str | None:
    """The latest month of the account that was closed whole, as "2026-10"."""
    row = schema.closed_month.c
    return connection.execute(select(func.max(row.month)).where(row.account_no == account_no)).scalar()


def note_closed(connection: Connection, account_no: int, month: str, closed_us: int, closed_by: str) -> None:
    """Note that a month was closed whole; the first to say so stands."""
    values = {"account_no": account_no, "month": month, "closed_us": closed_us, "closed_by": closed_by}
    connection.execute(insert_into(connection, schema.closed_month).values(values).on_conflict_do_nothing())
