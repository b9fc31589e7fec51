"""Channel answers: how people answered a brand's campaign messages, by the channel of each.

Read are only people at whom a message arrived by something else than SMS: of everybody else there is nothing
to choose. A question for a launch, not for a loop.
"""

from collections import defaultdict
from collections.abc import Mapping

from pyroaring import BitMap
from sqlalchemy import Connection, select

from operator_push.domain.best_channel import Answers, best_channel
from operator_push.domain.consent import USSD
from operator_push.domain.link_visits import VisitKind
from operator_push.domain.message import MessageState
from operator_push.store import schema
from operator_push.store.campaign_history import campaign_history
from operator_push.store.message_channel_rows import with_channel
from operator_push.store.short_link_rows import people_of_visits

ByChannel = Mapping[str, Answers]


def answers_by_channel(
    connection: Connection, shard: int, brand_no: int, since_day: int, window_us: int
) -> dict[int, ByChannel]:
    """Person → what arrived since a day by each channel, and what of it was answered: a reply within
    `window_us`, or a click on the link of its campaign."""
    people = _not_by_sms_alone(connection, shard, brand_no, since_day)
    if not people:
        return {}
    history = campaign_history(connection, shard, since_day, window_us, brand_no=brand_no, people=people)
    clicked: dict[int, BitMap] = {}
    told: dict[int, dict[str, Answers]] = defaultdict(dict)
    for each in history.delivered:
        if each.campaign_no not in clicked:
            clicked[each.campaign_no] = people_of_visits(connection, each.campaign_no, VisitKind.CLICK)
        answered = each.is_answered or each.subscriber_no in clicked[each.campaign_no]
        known = told[each.subscriber_no].get(each.channel, Answers())
        told[each.subscriber_no][each.channel] = Answers(known.delivered + 1, known.answered + answered)
    return dict(told)


def who_answers_on_screen(history: Mapping[int, ByChannel]) -> BitMap:
    """The people of a history whose best channel is USSD."""
    return BitMap(person for person, answers in history.items() if best_channel(answers) == USSD)


def _not_by_sms_alone(connection: Connection, shard: int, brand_no: int, since_day: int) -> BitMap:
    message, channel, final = schema.message.c, schema.message_channel.c, schema.message_final.c
    statement = select(message.subscriber_no).select_from(with_channel())
    statement = statement.join(
        schema.message_final,
        (final.shard == message.shard)
        & (final.day == message.day)
        & (final.message_id == message.message_id),
    ).where(
        channel.shard == shard,
        channel.day >= since_day,
        channel.channel != 0,
        message.brand_no == brand_no,
        message.campaign_no > 0,
        final.state == int(MessageState.DELIVERED),
    )
    return BitMap(list(connection.scalars(statement.distinct())))
