"""Loading: the open work that a start reads back, so that memory is again what the rows say.

Laws: nothing is judged here, rows become values and the use cases fold them; large answers come as iterators
in pages, in the order of the keys; everything that is read within one `Database.read` is of one moment.
Shards see only their own rows. What decisions are made from is in `facts`, the small tables in `small_rows`.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Table, and_, exists, func, select

from operator_push.domain.concatenated_parts import follows
from operator_push.domain.message import Verdict
from operator_push.services.open_messages import OpenMessage, OpenSegment
from operator_push.store import schema
from operator_push.store.archive_reading import highest_archived
from operator_push.store.statements import pages


class StoredAttempt(msgspec.Struct, frozen=True, gc=False):
    """A send attempt of an open message and what the SMSC answered: command_status None where nothing is
    stored, which after a restart means that nobody knows (law 3)."""

    message_id: int
    segment_no: int
    attempt_no: int
    link_no: int
    incarnation: int
    user_message_reference: int
    command_status: int | None
    smsc_message_id: str
    attempted_us: int = 0
    answered_us: int = 0


class StoredOutcome(msgspec.Struct, frozen=True, gc=False):
    """The final state of one segment. `link_no` is that of its last attempt, 0 where it never had one."""

    message_id: int
    segment_no: int
    state: int
    smsc_message_id: str
    link_no: int


class OwedDelivery(msgspec.Struct, frozen=True, gc=False):
    """A deliver_sm that its ESME has not acknowledged."""

    delivery_id: int
    day: int
    account_no: int
    kind: int
    message_id: int
    body: bytes


def open_messages(connection: Connection, shard: int, from_day: int = 0) -> Iterator[OpenMessage]:
    """Admitted messages without a final row, oldest first, each segment as if nothing had been sent.

    `from_day` spares the days that are known to be closed.
    """
    row = schema.message.c
    statement = select(
        row.message_id,
        row.day,
        row.account_no,
        row.origin,
        row.campaign_no,
        row.brand_no,
        row.category,
        row.traffic_class,
        row.subscriber_no,
        row.source,
        row.destination,
        row.segment_count,
        row.price_micros,
        row.held_micros,
        row.registered_delivery,
        row.client_reference,
        row.not_before_us,
        row.body,
        row.trail,
    ).where(
        row.shard == shard,
        row.day >= from_day,
        row.verdict != int(Verdict.REFUSE),
        _not_final(schema.message),
    )
    for found in pages(connection, statement.order_by(row.day, row.message_id)):
        segments = [OpenSegment(number) for number in range(1, found.segment_count + 1)]
        values: list[Any] = [*found[:-1], segments]
        message = OpenMessage(*values)
        message.takes_slot = not follows(found.trail)
        yield message


def open_attempts(connection: Connection, shard: int, from_day: int = 0) -> Iterator[StoredAttempt]:
    """The attempts of the messages of `open_messages`, in the order of message, segment and attempt."""
    attempt, result = schema.attempt, schema.submit_result
    statement = (
        select(
            attempt.c.message_id,
            attempt.c.segment_no,
            attempt.c.attempt_no,
            attempt.c.link_no,
            attempt.c.incarnation,
            attempt.c.user_message_reference,
            result.c.command_status,
            func.coalesce(result.c.smsc_message_id, ""),
            attempt.c.at_us,
            func.coalesce(result.c.at_us, 0),
        )
        .select_from(attempt.outerjoin(result, _same_key(attempt, result, "segment_no", "attempt_no")))
        .where(attempt.c.shard == shard, attempt.c.day >= from_day, _not_final(attempt))
        .order_by(attempt.c.day, attempt.c.message_id, attempt.c.segment_no, attempt.c.attempt_no)
    )
    for found in pages(connection, statement):
        yield StoredAttempt(*found)


def open_outcomes(connection: Connection, shard: int, from_day: int = 0) -> Iterator[StoredOutcome]:
    """Segments that have ended in messages that have not, in the order of message and segment."""
    outcome = schema.segment_outcome
    statement = (
        _outcomes()
        .where(outcome.c.shard == shard, outcome.c.day >= from_day, _not_final(outcome))
        .order_by(outcome.c.day, outcome.c.message_id, outcome.c.segment_no)
    )
    for found in pages(connection, statement):
        yield StoredOutcome(*found)


def newest_outcomes(connection: Connection, shard: int, limit: int) -> list[StoredOutcome]:
    """The ended segments of the newest messages, newest first, to know a second receipt as a duplicate."""
    outcome = schema.segment_outcome
    statement = (
        _outcomes()
        .where(outcome.c.shard == shard, outcome.c.smsc_message_id != "")
        .order_by(outcome.c.day.desc(), outcome.c.message_id.desc(), outcome.c.segment_no.desc())
        .limit(limit)
    )
    return [StoredOutcome(*found) for found in connection.execute(statement)]


def owed_deliveries(connection: Connection, shard: int, from_day: int = 0) -> Iterator[OwedDelivery]:
    """Receipts and MO that an ESME has not acknowledged and nobody has given up, in order."""
    owed, ack = schema.esme_delivery.c, schema.esme_delivery_ack.c
    acknowledged = exists().where(
        ack.shard == owed.shard, ack.day == owed.day, ack.delivery_id == owed.delivery_id
    )
    statement = (
        select(owed.delivery_id, owed.day, owed.account_no, owed.kind, owed.message_id, owed.body)
        .where(owed.shard == shard, owed.day >= from_day, ~acknowledged)
        .order_by(owed.day, owed.delivery_id)
    )
    for found in pages(connection, statement):
        yield OwedDelivery(*found)


def last_reference(connection: Connection, shard: int) -> int:
    """The user_message_reference of the newest message's last attempt, 0 in an empty store."""
    row = schema.attempt.c
    statement = (
        select(row.user_message_reference)
        .where(row.shard == shard)
        .order_by(row.day.desc(), row.message_id.desc(), row.segment_no.desc())
        .limit(1)
    )
    return connection.execute(statement).scalar() or 0


def highest_id(connection: Connection, shard: int) -> int:
    """The highest id that any row of the shard carries, 0 in an empty store: `above` of kernel.ids."""
    highest, _ = highest_archived(connection, shard)
    for table in schema.LARGE_TABLES:
        identifier = list(table.primary_key.columns)[2]
        # The last entry of the key, not max(): one step down the tree, whatever the table holds.
        statement = (
            select(identifier)
            .where(table.c.shard == shard)
            .order_by(table.c.day.desc(), identifier.desc())
            .limit(1)
        )
        highest = max(highest, connection.execute(statement).scalar() or 0)
    return highest


def highest_sequence(connection: Connection, shard: int, from_day: int = 0, before: int = 0) -> int:
    """The highest `sequence` of a final row, archived or not, 0 without one; reads the rows since `from_day`.

    `before` is the highest of earlier days, see store.settled_days.
    """
    row = schema.message_final.c
    statement = select(func.max(row.sequence)).where(row.shard == shard, row.day >= from_day)
    hot = connection.execute(statement).scalar() or 0
    return max(int(hot), before, highest_archived(connection, shard)[1])


def _outcomes() -> Select[Any]:
    outcome, attempt = schema.segment_outcome, schema.attempt
    last_link = (
        select(attempt.c.link_no)
        .where(_same_key(attempt, outcome, "segment_no"))
        .order_by(attempt.c.attempt_no.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(
        outcome.c.message_id,
        outcome.c.segment_no,
        outcome.c.state,
        outcome.c.smsc_message_id,
        func.coalesce(last_link, 0),
    )


def _not_final(table: Table) -> ColumnElement[bool]:
    return ~exists().where(_same_key(schema.message_final, table))


def _same_key(left: Table, right: Table, *more: str) -> ColumnElement[bool]:
    return and_(*(left.c[name] == right.c[name] for name in ("shard", "day", "message_id", *more)))
