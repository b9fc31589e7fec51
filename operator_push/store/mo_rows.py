"""MO rows: what a start reads back of messages from subscribers and of who wrote to whom."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, select

from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.message import Origin, Verdict
from operator_push.kernel.ids import first_id_at, id_day, id_epoch_us
from operator_push.store import schema
from operator_push.store.statements import pages


class StoredMo(msgspec.Struct, frozen=True, gc=False):
    """A message from a subscriber as it came."""

    mo_id: int
    source: str
    destination: str
    body: bytes
    at_us: int


def mo_since(connection: Connection, shard: int, since_us: int) -> Iterator[StoredMo]:
    """Messages that were no word for us, oldest first."""
    row = schema.mo_message.c
    first = first_id_at(since_us)
    statement = (
        select(row.mo_id, row.source, row.destination, row.body, row.at_us)
        .where(
            row.shard == shard,
            row.day >= id_day(first),
            row.mo_id >= first,
            row.action.in_([int(action) for action in InboundAction if not action.is_for_us]),
        )
        .order_by(row.day, row.mo_id)
    )
    for found in pages(connection, statement):
        yield StoredMo(*found)


def delivered_of(connection: Connection, shard: int, kind: int, mo_ids: Iterable[int]) -> set[int]:
    """Those of these messages that an ESME was or is owed."""
    wanted = set(mo_ids)
    if not wanted:
        return set()
    row = schema.esme_delivery.c
    statement = select(row.message_id).where(
        row.shard == shard, row.day >= id_day(min(wanted)), row.kind == kind
    )
    return {message_id for (message_id,) in pages(connection, statement) if message_id in wanted}


def conversations_since(
    connection: Connection, shard: int, since_us: int, short_codes: Iterable[str]
) -> Iterator[tuple[str, str, int, int, int]]:
    """(short code, msisdn, account_no, message_id, brand_no) of what was admitted from these codes, oldest
    first; our own answers begin no conversation."""
    row = schema.message.c
    columns = (row.source, row.destination, row.account_no, row.message_id, row.brand_no)
    statement = _admitted_since(columns, shard, since_us, short_codes).where(row.origin != int(Origin.ANSWER))
    for found in pages(connection, statement):
        yield tuple(found)


def answers_since(
    connection: Connection, shard: int, since_us: int, short_codes: Iterable[str]
) -> Iterator[tuple[str, int]]:
    """(msisdn, moment) of our answers from these codes, oldest first."""
    row = schema.message.c
    statement = _admitted_since((row.destination, row.message_id), shard, since_us, short_codes)
    for msisdn, message_id in pages(connection, statement.where(row.origin == int(Origin.ANSWER))):
        yield msisdn, id_epoch_us(message_id)


def _admitted_since(
    columns: Iterable[ColumnElement[Any]], shard: int, since_us: int, short_codes: Iterable[str]
) -> Select[Any]:
    row = schema.message.c
    first = first_id_at(since_us)
    return (
        select(*columns)
        .where(
            row.shard == shard,
            row.day >= id_day(first),
            row.message_id >= first,
            row.source.in_(list(short_codes)),
            row.verdict != int(Verdict.REFUSE),
        )
        .order_by(row.day, row.message_id)
    )
