"""Campaign reach: who got campaign messages lately, by brand and in number, for sales rules."""

from collections.abc import Iterator
from typing import Any

from pyroaring import BitMap
from sqlalchemy import Connection, Select, func, select

from operator_push.domain.message import TrafficClass, Verdict
from operator_push.kernel.ids import id_epoch_us
from operator_push.store import schema

_MESSAGE = schema.message.c


def reached_by_brand(connection: Connection, brand: str, since_day: int) -> BitMap:
    """The people to whom a brand's campaigns were admitted on `since_day` (UTC) or later."""
    statement = (
        select(_MESSAGE.subscriber_no)
        .where(
            schema.brand.c.name == brand,
            _MESSAGE.brand_no == schema.brand.c.brand_no,
            _MESSAGE.campaign_no > 0,
            _MESSAGE.verdict != Verdict.REFUSE,
            _MESSAGE.day >= since_day,
        )
        .distinct()
    )
    return BitMap(list(connection.scalars(statement)))


def messages_of_brand(connection: Connection, brand: str, since_day: int, levels: int) -> tuple[BitMap, ...]:
    """The people to whom at least one, two, … `levels` promotions of a brand were admitted since a day."""
    statement = (
        select(_MESSAGE.subscriber_no, func.count())
        .where(
            schema.brand.c.name == brand,
            _MESSAGE.brand_no == schema.brand.c.brand_no,
            _MESSAGE.traffic_class == TrafficClass.PROMOTIONAL,
            _MESSAGE.verdict != Verdict.REFUSE,
            _MESSAGE.day >= since_day,
        )
        .group_by(_MESSAGE.subscriber_no)
    )
    return _levels(connection, statement, levels)


def reached_often(connection: Connection, times: int, day: int) -> BitMap:
    """The people to whom at least so many campaign messages, of anybody, were admitted on a day (UTC)."""
    statement = (
        select(_MESSAGE.subscriber_no)
        .where(_MESSAGE.campaign_no > 0, _MESSAGE.verdict != Verdict.REFUSE, _MESSAGE.day == day)
        .group_by(_MESSAGE.subscriber_no)
        .having(func.count() >= times)
    )
    return BitMap(list(connection.scalars(statement)))


def reached_on(connection: Connection, day: int, levels: int) -> tuple[BitMap, ...]:
    """The people to whom at least one, two, … `levels` campaign messages, of anybody, were admitted."""
    statement = (
        select(_MESSAGE.subscriber_no, func.count())
        .where(_MESSAGE.campaign_no > 0, _MESSAGE.verdict != Verdict.REFUSE, _MESSAGE.day == day)
        .group_by(_MESSAGE.subscriber_no)
    )
    return _levels(connection, statement, levels)


def planned_messages(connection: Connection, shard: int, since_day: int) -> Iterator[tuple[int, int, int]]:
    """(person, brand_no, when it was to leave) of the campaign messages admitted on a day (UTC) or later."""
    statement = select(
        _MESSAGE.subscriber_no, _MESSAGE.brand_no, _MESSAGE.message_id, _MESSAGE.not_before_us
    ).where(
        _MESSAGE.shard == shard,
        _MESSAGE.day >= since_day,
        _MESSAGE.campaign_no > 0,
        _MESSAGE.verdict != Verdict.REFUSE,
    )
    for person, brand_no, message_id, not_before_us in connection.execute(
        statement.execution_options(yield_per=10_000)
    ):
        yield person, brand_no, max(not_before_us, id_epoch_us(message_id))


def _levels(connection: Connection, statement: Select[Any], levels: int) -> tuple[BitMap, ...]:
    """Rows of (person, how many) as the people with at least one, two, … of them."""
    found = tuple(BitMap() for _ in range(levels))
    for subscriber_no, messages in connection.execute(statement):
        for level in found[: int(messages)]:
            level.add(subscriber_no)
    return found
