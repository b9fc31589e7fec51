"""How people answered the messages of all brands, day by day, on both databases."""

import pytest
from pyroaring import BitMap
from sqlalchemy import Connection
from store_rows import NOON_US, SHARD, ids, keyed_row, message_row, row

from operator_push.domain.consent import ConsentAction
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.link_visits import VisitKind
from operator_push.domain.message import MessageState
from operator_push.kernel.instants import day_of
from operator_push.store import message_responses, schema
from operator_push.store.database import Database
from operator_push.store.message_responses import responses_by_day
from operator_push.store.statements import insert_rows

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
ANSWER = next(int(action) for action in InboundAction if not action.is_for_us)
FIRST = day_of(NOON_US)
# Person, brand, campaign (0: none), how many days later it ended, whether it arrived.
SENT = (
    (1, 3, 1, 0, True),
    (1, 4, 2, 0, True),
    (1, 3, 3, 1, True),
    (1, 3, 5, 1, False),
    (1, 3, 0, 1, True),
    (2, 4, 2, 0, True),
    (3, 4, 2, 0, True),
)


def fill(connection: Connection) -> None:
    """Person 1 answers the first, follows the link of campaign 2 and then stops brand 3."""
    numbers = ids(20)
    messages, finals = [], []
    for number, (person, brand_no, campaign_no, later, arrived) in zip(numbers, SENT, strict=False):
        own = {"subscriber_no": person, "source": f"S{campaign_no}", "brand_no": brand_no}
        messages.append(message_row(number, **own, campaign_no=campaign_no))
        state = MessageState.DELIVERED if arrived else MessageState.UNDELIVERABLE
        finals.append(
            keyed_row(schema.message_final, number, state=int(state), at_us=NOON_US + later * DAY_US)
        )
    insert_rows(connection, schema.message, messages)
    insert_rows(connection, schema.message_final, finals)
    answer = {"subscriber_no": 1, "destination": "S1", "action": ANSWER, "at_us": NOON_US + HOUR_US}
    insert_rows(connection, schema.mo_message, [keyed_row(schema.mo_message, numbers[15], **answer)])
    click = {"campaign_no": 2, "event_id": 1, "subscriber_no": 1, "kind": int(VisitKind.CLICK)}
    visit = row(schema.link_event, shard=SHARD, **click, at_us=NOON_US + HOUR_US)
    insert_rows(connection, schema.link_event, [visit])
    stop = {"subscriber_no": 1, "brand_no": 3, "action": int(ConsentAction.WITHDRAW)}
    stopped = row(schema.consent_event, shard=SHARD, day=FIRST + 1, **stop, at_us=NOON_US + DAY_US + HOUR_US)
    insert_rows(connection, schema.consent_event, [stopped])


def test_days_of_people_tell_what_arrived_and_what_followed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.run(fill)

    def asked(*people: int) -> list[list[tuple[int, ...]]]:
        found = BitMap(people)
        return database.read(
            lambda rows: [
                [tuple(each) for each in part]
                for part in responses_by_day(rows, SHARD, 0, 3 * HOUR_US, found)
            ]
        )

    first = [(1, FIRST, 2, 1, 1, 0), (1, FIRST + 1, 1, 0, 0, 1)]
    assert asked(1, 2) == [[*first, (2, FIRST, 1, 0, 0, 0)]]
    assert asked() == []
    monkeypatch.setattr(message_responses, "PEOPLE_AT_ONCE", 1)
    assert asked(1, 3, 9) == [first, [(3, FIRST, 1, 0, 0, 0)], []]
