"""Loading: the open work that a start reads back, so that memory is again what the rows say.

Laws: nothing is judged here, rows become values and the use cases fold them; large answers come as iterators
in pages, in the order of the keys; everything that is read within one `Database.read` is of one moment.
Shards see only their own rows. What decisions are made from is in `facts`, the small tables in `small_rows`.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, select

from operator_push.domain.concatenated_parts import follows
from operator_push.domain.contact_channels import channel_of_number
from operator_push.domain.message import Verdict
from operator_push.kernel.ids import id_day
from operator_push.services.open_messages import OpenMessage, OpenSegment
from operator_push.store import schema
from operator_push.store.archive_reading import highest_archived
from operator_push.store.folded import ATTEMPTS, DELIVERIES, OUTCOMES, Columns, Place, together
from operator_push.store.message_channel_rows import with_channel
from operator_push.store.since import EVERYTHING, Since
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


def open_messages(connection: Connection, shard: int, since: Since = EVERYTHING) -> Iterator[OpenMessage]:
    """Admitted messages without a final row, oldest first, each segment as if nothing had been sent."""
    row = schema.message.c
    statement = (
        select(
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
            schema.message_channel.c.channel,
        )
        .select_from(with_channel())
        .where(row.shard == shard, row.verdict != int(Verdict.REFUSE), not_final(schema.message.c))
    )
    for span in since.messages(row):
        for found in pages(connection, statement.where(span).order_by(row.day, row.message_id)):
            segments = [OpenSegment(number) for number in range(1, found.segment_count + 1)]
            values: list[Any] = [*found[:-2], segments]
            message = OpenMessage(*values)
            message.channel = channel_of_number(found.channel)
            message.takes_slot = not follows(found.trail)
            yield message


def open_attempts(connection: Connection, shard: int, since: Since = EVERYTHING) -> Iterator[StoredAttempt]:
    """The attempts of the messages of `open_messages`, in the order of message, segment and attempt."""
    result = schema.submit_result

    def of_open(within: dict[int, ColumnElement[bool]], attempt: Place) -> Select[Any]:
        row = attempt.c
        return (
            select(
                *attempt.named("day", "message_id", "segment_no", "attempt_no", "link_no", "incarnation"),
                row["user_message_reference"],
                result.c.command_status,
                func.coalesce(result.c.smsc_message_id, ""),
                row["at_us"],
                func.coalesce(result.c.at_us, 0),
            )
            .select_from(attempt.rows.outerjoin(result, _same_key(row, result.c, "segment_no", "attempt_no")))
            .where(row["shard"] == shard, within[id(attempt)], not_final(row))
        )

    order = "day", "message_id", "segment_no", "attempt_no"
    # Both places have the same conditions, each on columns of its own.
    for spans in zip(*(since.messages(place.c) for place in ATTEMPTS), strict=True):
        within = dict(zip(map(id, ATTEMPTS), spans, strict=True))
        for _, *found in pages(connection, together(ATTEMPTS, partial(of_open, within), *order)):
            yield StoredAttempt(*found)


def open_outcomes(connection: Connection, shard: int, since: Since = EVERYTHING) -> Iterator[StoredOutcome]:
    """Segments that have ended in messages that have not, in the order of message and segment."""
    outcome = schema.segment_outcome
    statement = (
        _outcomes(OUTCOMES[0])  # what is folded into a final row is of no open message
        .where(outcome.c.shard == shard, not_final(outcome.c))
        .order_by(outcome.c.day, outcome.c.message_id, outcome.c.segment_no)
    )
    for span in since.messages(outcome.c):
        for found in pages(connection, statement.where(span)):
            yield StoredOutcome(*found)


def newest_outcomes(connection: Connection, shard: int, limit: int) -> list[StoredOutcome]:
    """The ended segments of the newest messages, newest first, to know a second receipt as a duplicate."""
    newest: list[StoredOutcome] = []
    for place in OUTCOMES:
        row = place.c
        statement = (
            _outcomes(place)
            .where(row["shard"] == shard, row["smsc_message_id"] != "", *place.are)
            .order_by(row["day"].desc(), row["message_id"].desc(), row["segment_no"].desc())
            .limit(limit)
        )
        newest += [StoredOutcome(*found) for found in connection.execute(statement)]
    newest.sort(key=lambda outcome: (outcome.message_id, outcome.segment_no), reverse=True)
    return newest[:limit]


def owed_deliveries(connection: Connection, shard: int, since: Since = EVERYTHING) -> list[OwedDelivery]:
    """Receipts and MO that an ESME has not acknowledged and nobody has given up, in order."""
    message = schema.message

    def owed(delivery: Place) -> Select[Any]:
        account_no, rows = delivery.c.get("account_no"), delivery.rows
        if account_no is None:
            account_no = message.c.account_no
            rows = rows.join(message, _same_key(delivery.c, message.c))
        named = delivery.named("delivery_id", "day"), delivery.named("kind", "message_id", "body")
        return (
            select(*named[0], account_no, *named[1])
            .select_from(rows)
            .where(delivery.c["shard"] == shard, *delivery.are, not_acknowledged(delivery))
        )

    found = [
        OwedDelivery(*row)
        for place, span in delivery_spans(since)
        for row in pages(connection, owed(place).where(span))
    ]
    found.sort(key=lambda delivery: (delivery.day, delivery.delivery_id))
    return found


def delivery_spans(since: Since) -> Iterator[tuple[Place, ColumnElement[bool]]]:
    """Where owed deliveries stand, with the conditions under which each place is to be read."""
    own, folded = DELIVERIES
    yield from ((own, span) for span in since.deliveries(own.c))
    yield from ((folded, span) for span in since.ends(folded.c))


def not_acknowledged(delivery: Place) -> ColumnElement[bool]:
    """Neither acknowledged nor given up: of a place of `folded.DELIVERIES`."""
    ack = schema.esme_delivery_ack.c
    keys = "shard", "day", "delivery_id"
    return ~exists().where(*(ack[key] == delivery.c[key] for key in keys))


def last_reference(connection: Connection, shard: int) -> int:
    """The user_message_reference of the newest message's last attempt, 0 in an empty store."""
    newest = (0, 0)
    for place in ATTEMPTS:  # those with rows first: the others are then looked for among newer messages only
        row, last_day = place.c, id_day(newest[0])
        statement = (
            select(row["message_id"], row["user_message_reference"])
            .where(row["shard"] == shard, *place.are)
            .order_by(row["day"].desc(), row["message_id"].desc(), row["segment_no"].desc())
            .limit(1)
        )
        of_the_day = row["day"] == last_day, row["message_id"] > newest[0]
        found = (
            connection.execute(statement.where(row["day"] > last_day)).first()
            or connection.execute(statement.where(*of_the_day)).first()
        )
        newest = (found[0], found[1]) if found is not None else newest
    return newest[1]


def highest_id(connection: Connection, shard: int, since: Since = EVERYTHING) -> int:
    """The highest id that any row of the shard carries, 0 in an empty store: `above` of kernel.ids."""
    highest = max(since.mark.highest_id, highest_archived(connection, shard)[0])
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
    # A receipt has an id of its own, of the day of its message: the highest lies in the last day that has
    # ends, or below the ids of that day.
    final = schema.message_final.c
    last_day = select(func.max(final.day)).where(final.shard == shard).scalar_subquery()
    receipts = select(func.max(final.receipt_id)).where(final.shard == shard, final.day == last_day)
    for span in since.ends(final):
        highest = max(highest, connection.execute(receipts.where(span)).scalar() or 0)
    return highest


def highest_sequence(connection: Connection, shard: int, since: Since = EVERYTHING, before: int = 0) -> int:
    """The highest `sequence` of a final row, archived or not, 0 without one.

    `before` is the highest of earlier days, see store.settled_days.
    """
    row = schema.message_final.c
    highest = max(before, since.mark.sequence, highest_archived(connection, shard)[1])
    statement = select(func.max(row.sequence)).where(row.shard == shard)
    for span in since.ends(row):
        highest = max(highest, int(connection.execute(statement.where(span)).scalar() or 0))
    return highest


def _outcomes(outcome: Place) -> Select[Any]:
    attempt, message = schema.attempt, schema.message
    last_link = (
        select(attempt.c.link_no)
        .where(_same_key(attempt.c, outcome.c, "segment_no"))
        .order_by(attempt.c.attempt_no.desc())
        .limit(1)
        .scalar_subquery()
    )
    first_link = (
        select(message.c.sent_link_no).where(_same_key(message.c, outcome.c)).limit(1).scalar_subquery()
    )
    return select(
        *outcome.named("message_id", "segment_no", "state", "smsc_message_id"),
        func.coalesce(last_link, first_link, 0),
    ).select_from(outcome.rows)


def not_final(row: Columns) -> ColumnElement[bool]:
    """The message of a row has no end."""
    return ~exists().where(_same_key(schema.message_final.c, row))


def _same_key(left: Columns, right: Columns, *more: str) -> ColumnElement[bool]:
    return and_(*(left[name] == right[name] for name in ("shard", "day", "message_id", *more)))
