"""Former rows: keeps what is about to be replaced, and tells what stood at an earlier moment.

Of a number that was first noted after the moment that is asked about, nothing stood then; before the tables
were begun (`former_since`) that cannot be told from what was replaced and is lost.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, RowMapping, Table, bindparam, func, select

from operator_push.store import schema
from operator_push.store.statements import insert_into

_FORMER: dict[str, Table] = {
    "dnd_entry": schema.dnd_entry_former,
    "subscriber_clock": schema.subscriber_clock_former,
}


class Stood(NamedTuple):
    """What stood at a moment: the row's columns, None where there was none; `is_known` False where it cannot
    be told."""

    row: RowMapping | None
    is_known: bool


def keep_former(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Copy what these rows, each with its key and `changed_us`, are about to replace; to be called before
    they do. Of tables that keep nothing, nothing; again with the same rows, nothing more."""
    former = _FORMER.get(table.name)
    if former is None:
        return
    key = [column.name for column in table.primary_key.columns]
    names = [column.name for column in table.columns]
    until = bindparam("at_us", type_=BigInteger())
    standing = select(*table.columns, until.label("until_us")).where(table.c.changed_us < until)
    for name in key:
        standing = standing.where(table.c[name] == bindparam(f"of_{name}", type_=table.c[name].type))
    copy = insert_into(connection, former).from_select([*names, "until_us"], standing)
    connection.execute(
        copy.on_conflict_do_nothing(),
        [{"at_us": row["changed_us"], **{f"of_{name}": row[name] for name in key}} for row in rows],
    )


def stood_at(connection: Connection, table: Table, key: dict[str, int], at_us: int) -> Stood:
    """What stood under a key (the shard's column, too) of a table of which the former rows are kept."""
    former = _FORMER[table.name]
    here = [former.c[name] == value for name, value in key.items()]
    replaced = (
        connection.execute(
            select(former).where(*here, former.c.until_us > at_us).order_by(former.c.until_us).limit(1)
        )
        .mappings()
        .first()
    )
    row = replaced
    if row is None:
        still = select(table).where(*(table.c[name] == value for name, value in key.items()))
        row = connection.execute(still).mappings().first()
    if row is None or row["changed_us"] <= at_us:
        return Stood(row, is_known=True)
    return Stood(None, is_known=at_us >= kept_since(connection))


def kept_since(connection: Connection) -> int:
    """Since which moment former rows are kept."""
    since = connection.execute(select(func.max(schema.former_since.c.since_us))).scalar()
    return int(since or 0)
