"""Do-not-disturb rows: the national register as it was imported."""

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, select

from operator_push.store import schema
from operator_push.store.statements import pages


class StoredDndEntry(msgspec.Struct, frozen=True, gc=False):
    """What one number has registered, as the file said it."""

    msisdn: str
    blocked: str
    channels: str
    days: str
    bands: str
    changed_us: int


def dnd_entries(connection: Connection, shard: int) -> Iterator[StoredDndEntry]:
    """Every entry, by number."""
    row = schema.dnd_entry.c
    columns = (row.msisdn, row.blocked, row.channels, row.days, row.bands, row.changed_us)
    statement = select(*columns).where(row.shard == shard).order_by(row.msisdn)
    for msisdn, blocked, channels, days, bands, changed_us in pages(connection, statement):
        yield StoredDndEntry(str(msisdn), blocked, channels, days, bands, changed_us)


def dnd_entry_of(connection: Connection, shard: int, msisdn: str) -> StoredDndEntry | None:
    """The entry of one number, None where there is none."""
    row = schema.dnd_entry.c
    columns = (row.msisdn, row.blocked, row.channels, row.days, row.bands, row.changed_us)
    found = connection.execute(select(*columns).where(row.shard == shard, row.msisdn == int(msisdn))).first()
    return StoredDndEntry(str(found[0]), *found[1:]) if found is not None else None
