"""Recent rows: what was admitted last, for memories that must outlive a restart by their window."""

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, select

from operator_push.domain.message import Origin, Verdict
from operator_push.kernel.ids import first_id_at, id_day
from operator_push.store import schema
from operator_push.store.statements import pages


class RecentAdmission(msgspec.Struct, frozen=True, gc=False):
    """An admitted message of an ESME, with the body that it was stored with."""

    message_id: int
    account_no: int
    destination: str
    body: bytes


def admissions_since(connection: Connection, shard: int, since_us: int) -> Iterator[RecentAdmission]:
    """What ESMEs submitted and was admitted since a moment, oldest first."""
    row = schema.message.c
    first = first_id_at(since_us)
    statement = (
        select(row.message_id, row.account_no, row.destination, row.body)
        .where(
            row.shard == shard,
            row.day >= id_day(first),
            row.message_id >= first,
            row.verdict != int(Verdict.REFUSE),
            row.origin == int(Origin.ESME),
        )
        .order_by(row.day, row.message_id)
    )
    for found in pages(connection, statement):
        yield RecentAdmission(*found)
