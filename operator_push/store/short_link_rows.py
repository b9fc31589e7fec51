"""Short link rows: the links as a start and the web face read them, and whom the visits of one were of."""

from collections.abc import Iterator
from typing import Any

from pyroaring import BitMap
from sqlalchemy import Connection, Select, and_, case, delete, func, or_, select

from operator_push.domain.link_visits import (
    TOO_SOON_AFTER_DELIVERED_US,
    TOO_SOON_AFTER_SENT_US,
    VisitKind,
)
from operator_push.domain.message import MessageState, Verdict
from operator_push.domain.short_links import ShortLink
from operator_push.store import schema


def short_links(connection: Connection) -> list[ShortLink]:
    """The link of every campaign that has one."""
    return [_link(row) for row in connection.execute(select(schema.short_link)).mappings()]


def short_link_of(connection: Connection, campaign_no: int) -> ShortLink | None:
    """The link of one campaign."""
    link = schema.short_link
    found = connection.execute(select(link).where(link.c.campaign_no == campaign_no)).mappings().first()
    return None if found is None else _link(found)


def link_people(connection: Connection, campaign_no: int) -> BitMap:
    """Who may hold an address of a campaign: for whom it was fixed, else to whom it was admitted."""
    fixed = schema.campaign_recipients.c
    octets = connection.execute(select(fixed.subscribers).where(fixed.campaign_no == campaign_no)).scalar()
    if octets is not None:
        return BitMap.deserialize(octets)
    message = schema.message.c
    admitted = select(message.subscriber_no).where(
        message.campaign_no == campaign_no, message.verdict != Verdict.REFUSE
    )
    return BitMap(list(connection.scalars(admitted.distinct())))


def visits_by(connection: Connection, shard: int, subscriber_no: int) -> list[Any]:
    """Every event of one person at short links, earliest first, with the sender of the message: rows of
    link_event, and `source`."""
    event, campaign = schema.link_event.c, schema.campaign.c
    statement = (
        select(schema.link_event, campaign.source)
        .where(
            event.shard == shard,
            event.subscriber_no == subscriber_no,
            campaign.campaign_no == event.campaign_no,
        )
        .order_by(event.at_us, event.event_id)
    )
    return list(connection.execute(statement))


def people_of_visits(connection: Connection, campaign_no: int, kind: VisitKind) -> BitMap:
    """Who clicked, or converted; nobody of what programs did."""
    return BitMap([person for person, _, _ in visits_of(connection, campaign_no, kind)])


def visits_of(connection: Connection, campaign_no: int, kind: VisitKind) -> Iterator[tuple[int, int, int]]:
    """(person, when, value in micros) of the visits of one kind, earliest first; without clicks that came
    sooner after the message than a person's could."""
    for person, at_us, value_micros in connection.execute(_visits(campaign_no, kind)):
        yield int(person), int(at_us), int(value_micros)


def filtered_visits(connection: Connection, campaign_no: int) -> dict[int, int]:
    """Why → how many visits were a program's (domain.link_visits.Filtered)."""
    event = schema.link_event.c
    statement = (
        select(event.why, func.count())
        .where(event.campaign_no == campaign_no, event.kind == int(VisitKind.FILTERED))
        .group_by(event.why)
    )
    return {int(why): int(count) for why, count in connection.execute(statement)}


def erase_visits(connection: Connection, shard: int, before_us: int, most: int) -> int:
    """Erase at most so many visits that happened before a moment; returns how many. Of one campaign at a
    time, whose rows lie together."""
    link, event = schema.short_link.c, schema.link_event.c
    older = select(link.campaign_no).where(link.created_us < before_us).order_by(link.campaign_no)
    for campaign_no in list(connection.scalars(older)):
        of_campaign = event.shard == shard, event.campaign_no == campaign_no
        some = select(event.event_id).where(*of_campaign, event.at_us < before_us).limit(most)
        numbers = list(connection.scalars(some))
        if numbers:
            connection.execute(delete(schema.link_event).where(*of_campaign, event.event_id.in_(numbers)))
            return len(numbers)
    return 0


def _visits(campaign_no: int, kind: VisitKind) -> Select[Any]:
    event, message, final = schema.link_event.c, schema.message, schema.message_final
    same = and_(*(message.c[name] == final.c[name] for name in ("shard", "day", "message_id")))
    is_delivered = final.c.state == MessageState.DELIVERED
    moments = (
        select(
            message.c.subscriber_no,
            func.max(message.c.sent_us).label("sent_us"),
            func.max(case((is_delivered, final.c.at_us), else_=0)).label("came_us"),
        )
        .select_from(message.outerjoin(final, same))
        .where(
            message.c.campaign_no == campaign_no,
            message.c.verdict != Verdict.REFUSE,
        )
        .group_by(message.c.subscriber_no)
        .subquery()
    )
    statement = (
        select(event.subscriber_no, event.at_us, event.value_micros)
        .join_from(schema.link_event, moments, moments.c.subscriber_no == event.subscriber_no, isouter=True)
        .where(event.campaign_no == campaign_no, event.kind == int(kind))
        .order_by(event.at_us, event.event_id)
    )
    if kind is not VisitKind.CLICK:
        return statement
    sent, came = func.coalesce(moments.c.sent_us, 0), func.coalesce(moments.c.came_us, 0)
    return statement.where(  # as domain.link_visits.is_too_soon
        or_(sent == 0, event.at_us >= sent + TOO_SOON_AFTER_SENT_US),
        or_(came == 0, event.at_us < came, event.at_us >= came + TOO_SOON_AFTER_DELIVERED_US),
    )


def _link(row: Any) -> ShortLink:
    return ShortLink(
        int(row["campaign_no"]),
        str(row["host"]),
        str(row["target"]),
        bytes(row["key"]),
        int(row["created_us"]),
        int(row["expires_us"]),
    )
