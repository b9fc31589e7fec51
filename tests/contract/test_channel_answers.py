"""What people answered by each channel, on both databases."""

from sqlalchemy import Connection
from store_rows import NOON_US, SHARD, ids, keyed_row, message_row, row

from operator_push.domain.best_channel import Answers
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.link_visits import VisitKind
from operator_push.domain.message import MessageState
from operator_push.store import schema
from operator_push.store.channel_answers import answers_by_channel, who_answers_on_screen
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
ANSWER = next(int(action) for action in InboundAction if not action.is_for_us)
CHAI, TEA = 3, 4  # brands


def fill(connection: Connection) -> None:
    """Person 1 answers 1 of 5 SMS and 2 of 5 on the screen, one by a click; person 2 had SMS alone; what
    person 3 had on the screen never arrived, or was another brand's."""
    sent = [(1, place % 2, CHAI, True) for place in range(10)] + [(2, 0, CHAI, True)]
    sent += [(3, 1, CHAI, False), (3, 1, TEA, True)]
    numbers = ids(20)
    messages, channels, finals = [], [], []
    for place, (person, channel, brand_no, arrived) in enumerate(sent):
        own = {"subscriber_no": person, "source": "56070", "brand_no": brand_no, "campaign_no": place + 1}
        messages.append(message_row(numbers[place], **own))
        if channel:
            channels.append(keyed_row(schema.message_channel, numbers[place], channel=channel))
        state = MessageState.DELIVERED if arrived else MessageState.UNDELIVERABLE
        end = {"state": int(state), "at_us": NOON_US + place * DAY_US}
        finals.append(keyed_row(schema.message_final, numbers[place], **end))
    insert_rows(connection, schema.message, messages)
    insert_rows(connection, schema.message_channel, channels)
    insert_rows(connection, schema.message_final, finals)
    heard = [
        keyed_row(
            schema.mo_message,
            number,
            subscriber_no=1,
            destination="56070",
            action=ANSWER,
            at_us=NOON_US + place * DAY_US + HOUR_US,
        )
        for number, place in zip(numbers[15:], (0, 1), strict=False)
    ]
    insert_rows(connection, schema.mo_message, heard)
    click = {
        "shard": SHARD,
        "campaign_no": 4,
        "event_id": 1,
        "subscriber_no": 1,
        "kind": int(VisitKind.CLICK),
    }
    insert_rows(
        connection, schema.link_event, [row(schema.link_event, **click, at_us=NOON_US + 3 * DAY_US + HOUR_US)]
    )


def test_answers_are_told_of_people_who_had_something_on_the_screen(database: Database) -> None:
    database.run(fill)
    found = database.read(lambda rows: answers_by_channel(rows, SHARD, CHAI, 0, 3 * HOUR_US))
    assert found == {1: {"sms": Answers(5, 1), "ussd": Answers(5, 2)}}
    assert list(who_answers_on_screen(found)) == [1]
    others = database.read(lambda rows: answers_by_channel(rows, SHARD, TEA, 0, 3 * HOUR_US))
    assert others == {3: {"ussd": Answers(1, 0)}}
    assert list(who_answers_on_screen(others)) == []
    assert database.read(lambda rows: answers_by_channel(rows, SHARD, 9, 0, HOUR_US)) == {}
