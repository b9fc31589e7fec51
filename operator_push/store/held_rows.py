"""Held rows: the holds that are open, and the list of those that have expired."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, and_, exists, func, select

from operator_push.domain.message import Verdict
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.ids import id_day
from operator_push.services.expire_holds import ExpiredHold, SentSegment
from operator_push.store import schema
from operator_push.store.folded import ATTEMPTS, Place, together

LOOKED_AT_TOGETHER = 400  # ids in one statement
_SETTLE, _RELEASE, _TAX = int(TransferKind.SETTLE), int(TransferKind.RELEASE), int(TransferKind.TAX)


class OpenHold(msgspec.Struct, frozen=True, gc=False):
    """A message that is not over, and what it holds; `account` the name of the one that sent it."""

    message_id: int
    account: str
    held_micros: int
    attempted_us: int


def expired_holds(connection: Connection, shard: int, since_us: int = 0) -> list[ExpiredHold]:
    """The list of expired holds since a moment, oldest first."""
    row = schema.expired_hold.c
    statement = (
        select(*(row[name] for name in ExpiredHold.__struct_fields__))
        .where(row.shard == shard, row.expired_us >= since_us)
        .order_by(row.message_id)
    )
    return [ExpiredHold(*found) for found in connection.execute(statement)]


def sent_of_expired(
    connection: Connection, shard: int, since_us: int, smsc_nos: Mapping[int, int]
) -> Iterator[SentSegment]:
    """By what late receipts find the segments of expired holds; `smsc_nos` link_no → smsc_no.

    Of archived days nothing is found: their receipts are stored aside like any other orphan.
    """
    hold, message, result = schema.expired_hold.c, schema.message.c, schema.submit_result.c
    days = [id_day(hold.message_id) for hold in expired_holds(connection, shard, since_us)]

    def attempted(attempt: Place) -> Select[Any]:
        row = attempt.c
        held = schema.expired_hold.join(
            schema.message, and_(message.shard == hold.shard, message.message_id == hold.message_id)
        )
        if attempt.rows is not schema.message:
            same = (row[key] == message[key] for key in ("shard", "day", "message_id"))
            held = held.join(attempt.rows, and_(*same))
        answered = (
            result[key] == row[key] for key in ("shard", "day", "message_id", "segment_no", "attempt_no")
        )
        return (
            select(
                *attempt.named("day", "message_id", "segment_no", "attempt_no", "link_no"),
                func.coalesce(result.smsc_message_id, ""),
                message.destination,
                row["user_message_reference"],
            )
            .select_from(held.outerjoin(schema.submit_result, and_(*answered)))
            .where(
                hold.shard == shard,
                hold.expired_us >= since_us,
                # The day leads the key: without it each message would be looked for in all days.
                message.day.between(min(days, default=0), max(days, default=0)),
            )
        )

    statement = together(ATTEMPTS, attempted, "day", "message_id", "segment_no", "attempt_no")
    for found in connection.execute(statement):
        _, message_id, segment_no, _, link_no, smsc_id, destination, reference = found
        smsc_no = smsc_nos.get(link_no, link_no)
        yield SentSegment(message_id, segment_no, smsc_no, smsc_id, destination, reference)


def charged_early(
    connection: Connection, shard: int, message_ids: Iterable[int]
) -> Iterator[tuple[int, int, int, int]]:
    """(message_id, payer_no, charged, tax in it) of those open messages whose hold is resolved already."""
    row = schema.ledger_transfer.c
    wanted = sorted(message_ids)
    for first in range(0, len(wanted), LOOKED_AT_TOGETHER):
        ids = wanted[first : first + LOOKED_AT_TOGETHER]
        found: dict[int, dict[int, int]] = {}
        payers: dict[int, int] = {}
        statement = select(row.reference, row.account_no, row.kind, row.amount_micros).where(
            row.shard == shard,
            row.day.between(id_day(ids[0]), id_day(ids[-1])),
            row.reference.in_(ids),
            row.kind.in_((_SETTLE, _RELEASE, _TAX)),
        )
        for reference, account_no, kind, amount in connection.execute(statement):
            found.setdefault(reference, {})[kind] = amount
            payers[reference] = account_no
        for reference, amounts in found.items():
            yield reference, payers[reference], amounts.get(_SETTLE, 0), amounts.get(_TAX, 0)


def open_holds(connection: Connection, shard: int, from_day: int, limit: int) -> list[OpenHold]:
    """Holds of messages that are not over, oldest first, at most `limit`; none is older than `from_day`."""
    message, final = schema.message.c, schema.message_final.c
    attempt, account = schema.attempt.c, schema.account.c
    ended = exists().where(
        final.shard == message.shard, final.day == message.day, final.message_id == message.message_id
    )
    transfer = schema.ledger_transfer.c
    resolved = exists().where(  # its contract has charged it before its end
        transfer.shard == message.shard,
        transfer.day == message.day,
        transfer.reference == message.message_id,
        transfer.kind.in_((_SETTLE, _RELEASE)),
    )
    attempted = (
        select(func.max(attempt.at_us))
        .where(
            attempt.shard == message.shard,
            attempt.day == message.day,
            attempt.message_id == message.message_id,
        )
        .scalar_subquery()
    )
    statement = (
        select(
            message.message_id,
            func.coalesce(account.name, ""),
            message.held_micros,
            func.coalesce(attempted, message.sent_us),
        )
        .select_from(schema.message.outerjoin(schema.account, account.account_no == message.account_no))
        .where(
            message.shard == shard,
            message.day >= from_day,
            message.verdict != int(Verdict.REFUSE),
            ~ended,
            ~resolved,
        )
        .order_by(message.day, message.message_id)
        .limit(limit)
    )
    return [OpenHold(*found) for found in connection.execute(statement)]
