"""Campaign funnel: who of a campaign came how far, and in which quarter of an hour how many did.

Reads all rows of a campaign once, in order, and keeps sets of people and counts: memory is by people, a few
bits each, and not by messages. What follows a message (an answer, a stop) belongs to the latest campaign
message before it. A question for a report, not for a loop.
"""

from bisect import bisect_right
from collections import defaultdict
from typing import Any, Final, NamedTuple

from pyroaring import BitMap
from sqlalchemy import Connection, Select, and_, func, or_, select

from operator_push.domain.campaign_funnel import Funnel, Step
from operator_push.domain.consent import ConsentAction
from operator_push.domain.contact_channels import channel_of_number
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.link_visits import VisitKind
from operator_push.domain.message import RETRYABLE_REFUSALS, MessageState, RefusalReason, Verdict
from operator_push.kernel.ids import id_epoch_us
from operator_push.store import schema
from operator_push.store.message_channel_rows import with_channel
from operator_push.store.short_link_rows import visits_of

PAGE_ROWS: Final = 10_000


class FunnelAsked(NamedTuple):
    """Which campaign, and what belongs to it. `window_us`: until how long after a message arrived (for a
    stop: was handed in) an answer or a stop is one to it."""

    shard: int
    campaign_no: int
    brand_no: int
    source: str
    since_day: int
    window_us: int


def read_funnel(connection: Connection, asked: FunnelAsked) -> Funnel:
    """Everything about one campaign."""
    funnel = Funnel()
    answers = _moments(connection, _heard(asked))
    stops = _moments(connection, _withdrawn(asked))
    others = _others(connection, asked, BitMap(answers.keys() | stops.keys()))
    for row in _rows(connection, _messages(asked)):
        _take(funnel, asked, row, answers, stops, others)
    for step, kind in ((Step.CLICKED, VisitKind.CLICK), (Step.CONVERTED, VisitKind.CONVERSION)):
        for subscriber_no, at_us, value_micros in visits_of(connection, asked.campaign_no, kind):
            funnel.note(step, subscriber_no, at_us)
            funnel.converted_micros += value_micros
    for subscriber_no, at_us in _rows(connection, _attempts(asked)):
        funnel.note(Step.SUBMITTED, subscriber_no, at_us)
    for reason in RETRYABLE_REFUSALS:  # who was handed in again, and taken, was suppressed no more
        if reason.name in funnel.suppressed:
            funnel.suppressed[reason.name] -= funnel.people[Step.HELD]
    return funnel


def _take(
    funnel: Funnel,
    asked: FunnelAsked,
    row: tuple[Any, ...],
    answers: dict[int, list[int]],
    stops: dict[int, list[int]],
    others: dict[int, list[int]],
) -> None:
    message_id, person, verdict, reason, sent_link_no, sent_us, state, at_us, error, settled, released = row[
        :-1
    ]
    if row[-1]:
        funnel.other_channels[channel_of_number(row[-1])].add(person)
    came_us = id_epoch_us(message_id)
    funnel.people[Step.HANDED_IN].add(person)
    if verdict == Verdict.REFUSE:
        funnel.refused(RefusalReason(reason), person)
    else:
        funnel.treated.add(person)
        funnel.note(Step.HELD, person, came_us)
        if sent_link_no:
            funnel.note(Step.SUBMITTED, person, sent_us)
        funnel.settled_micros += settled or 0
        funnel.released_micros += released or 0
        if state == MessageState.DELIVERED:
            funnel.note(Step.DELIVERED, person, at_us)
            if answered := _first(answers, others, person, at_us, asked.window_us):
                funnel.note(Step.REPLIED, person, answered)
        elif state == MessageState.WITHDRAWN:
            funnel.suppressed[MessageState.WITHDRAWN.name].add(person)
        elif state is not None:
            funnel.note(Step.FAILED, person, at_us)
            cause = MessageState(state).name
            funnel.failed[f"{cause} {error}" if error else cause].add(person)
    if person in stops and (stopped := _first(stops, others, person, came_us, asked.window_us)):
        funnel.stopped.add(person)
        if verdict != Verdict.REFUSE:
            funnel.note(Step.OPTED_OUT, person, stopped)


def _first(
    moments: dict[int, list[int]], others: dict[int, list[int]], person: int, at_us: int, window_us: int
) -> int | None:
    """The first of somebody's moments within the window after `at_us` that is not after a later message."""
    own = moments.get(person)
    if own is None:
        return None
    place = bisect_right(own, at_us)
    if place == len(own) or own[place] > at_us + window_us:
        return None
    later = others.get(person, ())
    after = bisect_right(later, at_us)
    return None if after < len(later) and later[after] <= own[place] else own[place]


def _messages(asked: FunnelAsked) -> Select[Any]:
    message, final = schema.message, schema.message_final
    same = and_(*(message.c[name] == final.c[name] for name in ("shard", "day", "message_id")))
    return (
        select(
            message.c.message_id,
            message.c.subscriber_no,
            message.c.verdict,
            message.c.reason,
            message.c.sent_link_no,
            message.c.sent_us,
            final.c.state,
            final.c.at_us,
            final.c.error_code,
            final.c.settled_micros,
            final.c.released_micros,
            schema.message_channel.c.channel,
        )
        .select_from(with_channel().outerjoin(final, same))
        .where(*_of_campaign(asked))
    )


def _attempts(asked: FunnelAsked) -> Select[Any]:
    """The first attempts that have rows of their own."""
    message, attempt = schema.message, schema.attempt
    same = and_(*(message.c[name] == attempt.c[name] for name in ("shard", "day", "message_id")))
    return (
        select(message.c.subscriber_no, func.min(attempt.c.at_us))
        .select_from(message.join(attempt, same))
        .where(*_of_campaign(asked), message.c.sent_link_no == 0)
        .group_by(message.c.subscriber_no)
    )


def _of_campaign(asked: FunnelAsked) -> tuple[Any, ...]:
    message = schema.message.c
    return (
        message.shard == asked.shard,
        message.day >= asked.since_day,
        message.campaign_no == asked.campaign_no,
    )


def _heard(asked: FunnelAsked) -> Select[Any]:
    row = schema.mo_message.c
    return select(row.subscriber_no, row.at_us).where(
        row.shard == asked.shard,
        row.day >= asked.since_day,
        row.destination == asked.source,
        row.action.in_([int(action) for action in InboundAction if not action.is_for_us]),
    )


def _withdrawn(asked: FunnelAsked) -> Select[Any]:
    row = schema.consent_event.c
    return select(row.subscriber_no, row.at_us).where(
        row.shard == asked.shard,
        row.day >= asked.since_day,
        row.action == int(ConsentAction.WITHDRAW),
        row.brand_no.in_((0, asked.brand_no)),
    )


def _moments(connection: Connection, statement: Select[Any]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for person, at_us in _rows(connection, statement):
        found[person].append(at_us)
    for moments in found.values():
        moments.sort()
    return dict(found)


def _others(connection: Connection, asked: FunnelAsked, people: BitMap) -> dict[int, list[int]]:
    """When these people got messages of the brand's, or the sender's, other campaigns."""
    if not people:
        return {}
    message, final = schema.message, schema.message_final
    same = and_(*(message.c[name] == final.c[name] for name in ("shard", "day", "message_id")))
    statement = (
        select(message.c.subscriber_no, final.c.at_us)
        .select_from(message.join(final, same))
        .where(
            message.c.shard == asked.shard,
            message.c.day >= asked.since_day,
            message.c.campaign_no != asked.campaign_no,
            message.c.campaign_no > 0,
            or_(message.c.brand_no == asked.brand_no, message.c.source == asked.source),
            final.c.state == MessageState.DELIVERED,
        )
    )
    found: dict[int, list[int]] = defaultdict(list)
    for person, at_us in _rows(connection, statement):
        if person in people:
            found[person].append(at_us)
    for moments in found.values():
        moments.sort()
    return found


def _rows(connection: Connection, statement: Select[Any]) -> Any:
    """The rows of a statement, a page of them in memory at a time."""
    return connection.execute(statement.execution_options(yield_per=PAGE_ROWS))
