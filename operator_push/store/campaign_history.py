"""Campaign history: what became of the campaign messages of the last days, of one account or of all.

Reads up to MESSAGES_MAX of them, newest first: a question for a quote, not for a loop.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from pyroaring import BitMap
from sqlalchemy import ColumnElement, Connection, and_, select

from operator_push.domain.consent import SMS, ConsentAction
from operator_push.domain.contact_channels import channel_of_number
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.message import MessageState
from operator_push.kernel.ids import id_epoch_us
from operator_push.store import schema
from operator_push.store.message_channel_rows import with_channel

MESSAGES_MAX: Final = 200_000  # Ours: bounds a quote to a second or two; rates need no more.
PAGE_ROWS: Final = 10_000
_ENDED: Final = tuple(
    int(state)
    for state in (
        MessageState.DELIVERED,
        MessageState.EXPIRED,
        MessageState.UNDELIVERABLE,
        MessageState.REJECTED,
    )
)


# Person, source, brand_no, state, when, message_id, campaign_no, number of the channel.
_Row = tuple[int, str, int, int, int, int, int, int | None]


class Outcome(NamedTuple):
    """One delivered message: when, and whether it was answered or was followed by a stop; `came_us`: when it
    was handed in."""

    subscriber_no: int
    at_us: int
    is_answered: bool
    is_stopped: bool
    came_us: int = 0
    campaign_no: int = 0
    channel: str = SMS


class History(NamedTuple):
    """`ended`: messages that left and have an end; `delivered`: those that arrived, with what followed."""

    ended: int
    delivered: tuple[Outcome, ...]

    @property
    def replies(self) -> int:
        """Delivered messages that were answered."""
        return sum(each.is_answered for each in self.delivered)

    @property
    def opt_outs(self) -> int:
        """Delivered messages after which the person stopped the brand."""
        return sum(each.is_stopped for each in self.delivered)


def campaign_history(
    connection: Connection,
    shard: int,
    since_day: int,
    window_us: int,
    account_no: int | None = None,
    campaign_no: int | None = None,
    brand_no: int | None = None,
    people: BitMap | None = None,
) -> History:
    """The campaign messages since a day, of all, of an account, of one campaign or of a brand.

    What comes within `window_us` after one arrived is its answer. With `people` of these alone, and then of
    any number of messages.
    """
    message, final = schema.message, schema.message_final
    same = and_(*(message.c[name] == final.c[name] for name in ("shard", "day", "message_id")))
    wanted: list[ColumnElement[bool]] = [
        message.c.shard == shard,
        message.c.day >= since_day,
        message.c.campaign_no > 0,
        final.c.state.in_(_ENDED),
    ]
    if account_no is not None:
        wanted.append(message.c.account_no == account_no)
    if campaign_no is not None:
        wanted.append(message.c.campaign_no == campaign_no)
    if brand_no is not None:
        wanted.append(message.c.brand_no == brand_no)
    if people:
        wanted.append(message.c.subscriber_no.between(people.min(), people.max()))
    statement = (
        select(
            message.c.subscriber_no,
            message.c.source,
            message.c.brand_no,
            final.c.state,
            final.c.at_us,
            message.c.message_id,
            message.c.campaign_no,
            schema.message_channel.c.channel,
        )
        .select_from(with_channel().join(final, same))
        .where(*wanted)
        .order_by(message.c.day.desc(), message.c.message_id.desc())
    )
    if people is None:
        statement = statement.limit(MESSAGES_MAX)
    rows = connection.execute(statement.execution_options(yield_per=PAGE_ROWS))
    found: list[_Row] = [tuple(row) for row in rows if people is None or row[0] in people]
    answers, stops = _answers(connection, shard, since_day), _stops(connection, shard, since_day)
    return History(len(found), tuple(_outcomes(found, answers, stops, window_us)))


def _outcomes(
    found: Sequence[_Row],
    answers: dict[tuple[int, str], list[int]],
    stops: dict[int, list[tuple[int, int]]],
    window_us: int,
) -> list[Outcome]:
    """An answer or a stop belongs to the latest message before it, so that none counts twice."""
    outcomes: list[Outcome] = []
    taken: Counter[tuple[int, str]] = Counter()
    for person, source, brand_no, state, at_us, message_id, campaign_no, channel in found:  # newest first
        if state != MessageState.DELIVERED:
            continue
        moments = answers.get((person, source), [])
        left = len(moments) - taken[person, source]
        first = bisect_left(moments, at_us, 0, left)
        answered = first < left and moments[first] <= at_us + window_us
        taken[person, source] += left - first
        stopped = False
        for place, (stopped_us, stopped_brand) in enumerate(stops.get(person, ())):
            if stopped_brand in (0, brand_no) and at_us <= stopped_us <= at_us + window_us:
                stopped = True
                del stops[person][place]
                break
        by = channel_of_number(channel)
        came_us = id_epoch_us(message_id)
        outcomes.append(Outcome(person, at_us, answered, stopped, came_us, campaign_no, by))
    return outcomes


def _answers(connection: Connection, shard: int, since_day: int) -> dict[tuple[int, str], list[int]]:
    """(person, address written to) → when, in order; words that are for us are no answers."""
    row = schema.mo_message.c
    statement = select(row.subscriber_no, row.destination, row.at_us).where(
        row.shard == shard,
        row.day >= since_day,
        row.action.in_([int(action) for action in InboundAction if not action.is_for_us]),
    )
    found: dict[tuple[int, str], list[int]] = defaultdict(list)
    for person, destination, at_us in connection.execute(statement.order_by(row.at_us)):
        found[person, destination].append(at_us)
    return found


def _stops(connection: Connection, shard: int, since_day: int) -> dict[int, list[tuple[int, int]]]:
    """person → (when, which brand; 0: all) of what was withdrawn."""
    row = schema.consent_event.c
    statement = select(row.subscriber_no, row.at_us, row.brand_no).where(
        row.shard == shard, row.day >= since_day, row.action == int(ConsentAction.WITHDRAW)
    )
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for person, at_us, brand_no in connection.execute(statement):
        found[person].append((at_us, brand_no))
    return found
