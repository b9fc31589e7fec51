"""Small rows: the tables that are updated in place, read whole at start and written one by one.

Brands, accounts, campaigns and top-ups are changed through `Changes.upserts`; what stands here besides are
the few numbers that the product keeps of itself (links, incarnations, cursors).
"""

from collections.abc import Iterable
from itertools import groupby

from sqlalchemy import Connection, func, insert, select

from operator_push.services.registry import Account, CampaignRecord, account_from_row, campaign_from_row
from operator_push.store import schema
from operator_push.store.former_rows import keep_former
from operator_push.store.statements import insert_into


def upsert(connection: Connection, table_name: str, row: dict[str, object]) -> None:
    """Insert a row, or replace what stands under its primary key; errors as `upsert_all`."""
    upsert_all(connection, [(table_name, row)])


def upsert_all(connection: Connection, rows: Iterable[tuple[str, dict[str, object]]]) -> None:
    """Insert rows (table, row by column) in order, or replace what stands under their primary keys.

    Neighbours of one table and form go to the driver as one statement. Of some tables what is replaced is
    kept (store.former_rows).

    Raises:
        KeyError: no such table.
        sqlalchemy.exc.IntegrityError: another key holds a value that must be unique.
    """
    for (table_name, names), group in groupby(rows, key=lambda row: (row[0], tuple(row[1]))):
        table = schema.metadata.tables[table_name]
        statement = insert_into(connection, table)
        key = [column.name for column in table.primary_key.columns]
        replaced = {name: statement.excluded[name] for name in names if name not in key}
        values = [row for _, row in group]
        keep_former(connection, table, values)
        if replaced:
            connection.execute(statement.on_conflict_do_update(index_elements=key, set_=replaced), values)
        else:
            connection.execute(statement.on_conflict_do_nothing(index_elements=key), values)


def brands(connection: Connection) -> list[tuple[int, str]]:
    """(brand_no, name) of every brand."""
    row = schema.brand.c
    found = connection.execute(select(row.brand_no, row.name).order_by(row.brand_no))
    return [(brand_no, name) for brand_no, name in found]


def accounts(connection: Connection) -> list[Account]:
    """Every account, by number."""
    found = connection.execute(select(schema.account).order_by(schema.account.c.account_no))
    return [account_from_row(dict(row)) for row in found.mappings()]


def account_currencies(connection: Connection) -> dict[int, str]:
    """account_no → the currency of all its money."""
    row = schema.account.c
    found = connection.execute(select(row.account_no, row.currency))
    return {account_no: currency for account_no, currency in found}  # noqa: C416 a row is no pair to mypy


def campaigns(connection: Connection) -> list[CampaignRecord]:
    """Every campaign, by number."""
    found = connection.execute(select(schema.campaign).order_by(schema.campaign.c.campaign_no))
    return [campaign_from_row(dict(row)) for row in found.mappings()]


def top_ups(connection: Connection) -> dict[tuple[int, str], int]:
    """(account_no, the client's reference) → micros of every top-up."""
    row = schema.top_up.c
    found = connection.execute(select(row.account_no, row.client_reference, row.amount_micros))
    return {(account_no, reference): amount for account_no, reference, amount in found}


def link_no(connection: Connection, name: str) -> int:
    """The number of an SMSC link by its name in the configuration; a new name gets the next number."""
    row = schema.smsc_link.c
    known = connection.execute(select(row.link_no).where(row.name == name)).scalar()
    if known is not None:
        return int(known)
    number = (connection.execute(select(func.max(row.link_no))).scalar() or 0) + 1
    connection.execute(insert(schema.smsc_link).values(link_no=number, name=name))
    return number


def begin_incarnation(connection: Connection, shard: int, started_us: int) -> int:
    """Count this start of the product on its shard, and return the count; from 1."""
    row = schema.incarnation.c
    last = connection.execute(select(func.max(row.incarnation)).where(row.shard == shard)).scalar() or 0
    values = {"shard": shard, "incarnation": last + 1, "started_us": started_us}
    connection.execute(insert(schema.incarnation).values(values))
    return int(last) + 1


def sink_sequence(connection: Connection, sink: str, shard: int) -> int:
    """How far a sink of delivery events has been told; 0 at first. `sink_cursor` rows are upserted."""
    row = schema.sink_cursor.c
    found = connection.execute(select(row.sequence).where(row.sink == sink, row.shard == shard)).scalar()
    return int(found or 0)


def is_period_read(connection: Connection, content_sha256: str) -> bool:
    """True where a closed CDR period with this content has been read before."""
    row = schema.cdr_period.c
    found = connection.execute(select(row.rows_read).where(row.content_sha256 == content_sha256))
    return found.first() is not None
