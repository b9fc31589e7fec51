"""Open marks: what is open and owed in a shard, written down now and then, so that a start reads little more.

Laws: a mark holds what one read transaction saw; ids up to `above_id` are all on disk by then, which who
asks for a mark answers for (bootstrap.marking). A message that has ended never opens again, so a mark that is
older costs a longer start, nothing else, and so does a missing one.
"""

import struct
from collections.abc import Iterable

from sqlalchemy import Connection, select

from operator_push.domain.message import Verdict
from operator_push.store import schema
from operator_push.store.loading import (
    delivery_spans,
    highest_id,
    highest_sequence,
    not_acknowledged,
    not_final,
)
from operator_push.store.settled_days import settled_days
from operator_push.store.since import OpenMark, Since
from operator_push.store.small_rows import upsert

# Ours: 16 octets of ids each. Where more are open, the mark stays behind and the next start reads more rows.
LISTED_MAX = 1_000_000


def read_since(connection: Connection, shard: int) -> Since:
    """What a start may leave out by the settled days and the mark of a shard."""
    row = schema.open_mark.c
    statement = select(
        row.above_id, row.highest_id, row.sequence, row.open_ids, row.receipt_ids, row.delivery_ids
    )
    found = connection.execute(statement.where(row.shard == shard)).first()
    settled = settled_days(connection, shard)
    if found is None:
        return Since(settled.until_day, OpenMark(sequence=settled.sequence))
    return Since(settled.until_day, OpenMark(*found[:3], *map(_ids, found[3:])))


def new_mark(
    connection: Connection, shard: int, above_id: int, listed_max: int = LISTED_MAX
) -> OpenMark | None:
    """The mark of now; None where the one that stands goes as far, or where too much is open.

    `above_id`: no row whose id is not above it is still to be committed.
    """
    since = read_since(connection, shard)
    if above_id <= since.mark.above_id:
        return None
    mark = _mark(connection, shard, since, above_id)
    listed = len(mark.open_ids) + len(mark.receipt_ids) + len(mark.delivery_ids)
    return mark if listed <= listed_max else None


def set_mark(connection: Connection, shard: int, mark: OpenMark) -> None:
    """Put a mark in place of the one that stands."""
    row: dict[str, object] = {
        "above_id": mark.above_id,
        "highest_id": mark.highest_id,
        "sequence": mark.sequence,
        "open_ids": _octets(mark.open_ids),
        "receipt_ids": _octets(mark.receipt_ids),
        "delivery_ids": _octets(mark.delivery_ids),
    }
    upsert(connection, "open_mark", {"shard": shard, **row})


def _mark(connection: Connection, shard: int, since: Since, above_id: int) -> OpenMark:
    own: list[int] = []
    folded: list[int] = []
    for place, span in delivery_spans(since):
        key = place.c["delivery_id"] if place.rows is schema.esme_delivery else place.c["message_id"]
        owed = select(key).select_from(place.rows).where(place.c["shard"] == shard, span, *place.are)
        found = connection.execute(owed.where(not_acknowledged(place))).scalars()
        (own if place.rows is schema.esme_delivery else folded).extend(found)
    return OpenMark(
        above_id,
        highest_id(connection, shard, since),
        highest_sequence(connection, shard, since),
        _up_to(above_id, _open(connection, shard, since)),
        _up_to(above_id, folded),
        _up_to(above_id, own),
    )


def _up_to(above_id: int, found: Iterable[int]) -> tuple[int, ...]:
    """Not a condition of the statement: it would read a day by it and not by the ids that are listed."""
    return tuple(sorted(each for each in found if each <= above_id))


def _open(connection: Connection, shard: int, since: Since) -> Iterable[int]:
    row = schema.message.c
    statement = select(row.message_id).where(
        row.shard == shard, row.verdict != int(Verdict.REFUSE), not_final(row)
    )
    for span in since.messages(row):
        yield from connection.execute(statement.where(span)).scalars()


def _octets(ids: tuple[int, ...]) -> bytes:
    return struct.pack(f"<{len(ids)}q", *ids)


def _ids(octets: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(octets) // 8}q", octets)
