"""Stray rows: receipts that belonged to nothing where they came, for the servers whose they may be.

Where several servers bind to one SMSC under one name, it gives a receipt to any of their binds. The server
that got one for a message of another puts it aside like any orphan; the owner of the message reads it here.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, select

from operator_push.domain.delivery import ReceiptOutcome
from operator_push.kernel.ids import id_day
from operator_push.store import schema

_STRAY = (int(ReceiptOutcome.ORPHAN), int(ReceiptOutcome.EARLY))
_IDS_AT_ONCE = 500


class Stray(msgspec.Struct, frozen=True):
    """A receipt that was put aside: by which shard, of which SMSC, and what it said; moments in micros."""

    shard: int
    receipt_id: int
    smsc_no: int
    smsc_message_id: str
    state: int
    at_us: int


def other_shards(connection: Connection, shard: int) -> list[int]:
    """The shards that servers have ever been started for, but this one."""
    row = schema.incarnation.c
    found = connection.execute(select(row.shard).where(row.shard != shard).distinct())
    return sorted(found.scalars())


def strays_since(connection: Connection, shard: int, above_id: int, limit: int) -> list[Stray]:
    """The next strays of a shard after `above_id`, in the order in which they were committed."""
    row = schema.receipt_aside.c
    wanted = (row.shard == shard) & (row.day >= id_day(above_id)) & (row.receipt_id > above_id)
    statement = _strays().where(wanted).order_by(row.day, row.receipt_id).limit(limit)
    return [Stray(*found) for found in connection.execute(statement)]


def unclaimed(connection: Connection, from_day: int, limit: int) -> list[Stray]:
    """The newest strays of every shard whose id no message bears, as the SMSC wrote it; newest first."""
    row = schema.receipt_aside.c
    statement = _strays().where(row.day >= from_day).order_by(row.at_us.desc()).limit(limit)
    strays = [Stray(*found) for found in connection.execute(statement)]
    claimed = _known(connection, from_day, {each.smsc_message_id for each in strays})
    return [each for each in strays if each.smsc_message_id not in claimed]


def _strays() -> Select[Any]:
    row = schema.receipt_aside.c
    columns = (row.shard, row.receipt_id, row.link_no, row.smsc_message_id, row.state, row.at_us)
    return select(*columns).where(row.outcome.in_(_STRAY))


def _known(connection: Connection, from_day: int, ids: Iterable[str]) -> set[str]:
    """Which of the SMSC's ids stand beside an attempt or an end."""
    wanted, found = sorted(ids), set[str]()
    for at in range(0, len(wanted), _IDS_AT_ONCE):
        some = wanted[at : at + _IDS_AT_ONCE]
        for table in (schema.submit_result, schema.segment_outcome, schema.message_final):
            row = table.c
            same = select(row.smsc_message_id).where(row.day >= from_day, row.smsc_message_id.in_(some))
            found.update(connection.execute(same).scalars())
    return found
