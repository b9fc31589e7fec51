"""DLT rows: what is registered."""

from collections.abc import Iterator

from sqlalchemy import Connection, select

from operator_push.store import schema

COLUMNS = ("kind", "code", "entity", "brand", "kinds", "text")


def dlt_registrations(connection: Connection) -> Iterator[tuple[dict[str, str], int]]:
    """Every row by column and when it was put there, entities first."""
    row = schema.dlt_registration.c
    statement = select(*(row[name] for name in COLUMNS), row.changed_us).order_by(row.kind, row.code)
    for found in connection.execute(statement):
        yield dict(zip(COLUMNS, found[:-1], strict=True)), found[-1]
