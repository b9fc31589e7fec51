"""Message responses: how people answered the campaign messages of the last days, of every brand, day by day.

Reads every campaign message of the period once for each PEOPLE_AT_ONCE people: a question for an export.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from pyroaring import BitMap
from sqlalchemy import Connection

from operator_push.domain.link_visits import VisitKind
from operator_push.kernel.instants import day_of
from operator_push.store.campaign_history import campaign_history
from operator_push.store.short_link_rows import people_of_visits

PEOPLE_AT_ONCE: Final = 200_000  # Ours: bounds the memory to some hundred octets for each message of these


class DayOfResponses(NamedTuple):
    """Of one person the messages that arrived on one day of UTC, since 1970, and what became of them."""

    subscriber_no: int
    day: int
    delivered: int
    replied: int
    clicked: int
    opted_out: int


def responses_by_day(
    connection: Connection, shard: int, since_day: int, window_us: int, people: BitMap
) -> Iterator[list[DayOfResponses]]:
    """The days of these people, by person and day; messages that were handed in since a day.

    A reply, or a withdrawal, is one to the last message before it, within `window_us` of its arrival; a click
    is of every message of the campaign whose link was followed.
    """
    clicked: dict[int, BitMap] = {}
    for some in _in_parts(people):
        history = campaign_history(connection, shard, since_day, window_us, people=some)
        counts: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for each in history.delivered:
            if each.campaign_no not in clicked:
                clicked[each.campaign_no] = people_of_visits(connection, each.campaign_no, VisitKind.CLICK)
            told = counts[each.subscriber_no, day_of(each.at_us)]
            told[0] += 1
            told[1] += each.is_answered
            told[2] += each.subscriber_no in clicked[each.campaign_no]
            told[3] += each.is_stopped
        yield [DayOfResponses(*key, *told) for key, told in sorted(counts.items())]


def _in_parts(people: BitMap) -> Iterator[BitMap]:
    for place in range(0, len(people), PEOPLE_AT_ONCE):
        yield people[place : place + PEOPLE_AT_ONCE]
