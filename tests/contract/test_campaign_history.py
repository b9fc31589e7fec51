"""Campaign history: what arrived, was answered and was followed by a stop, on both databases."""

from sqlalchemy import Connection
from store_rows import NOON_US, SHARD, ids, keyed_row, message_row

from operator_push.domain.consent import ConsentAction
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.message import MessageState
from operator_push.store import schema
from operator_push.store.campaign_history import campaign_history
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows

HOUR_US = 3_600_000_000
ANSWER = next(int(action) for action in InboundAction if not action.is_for_us)
STOP = int(InboundAction.STOP)


def fill(connection: Connection) -> None:
    numbers = ids(9)
    people = (1, 2, 3, 4, 1)
    messages = [
        message_row(number, campaign_no=7, account_no=1, subscriber_no=person, source="56070", brand_no=3)
        for number, person in zip(numbers, people, strict=False)
    ]
    messages.append(message_row(numbers[5], campaign_no=8, account_no=2, subscriber_no=9, source="56071"))
    messages.append(message_row(numbers[6], campaign_no=0, account_no=1, subscriber_no=9))
    insert_rows(connection, schema.message, messages)
    delivered = MessageState.DELIVERED
    states = (delivered, delivered, delivered, MessageState.EXPIRED, delivered, delivered, delivered)
    moments = (0, 0, 0, 0, 2, 0, 0)
    finals = [
        keyed_row(schema.message_final, number, state=int(state), at_us=NOON_US + hour * HOUR_US)
        for number, state, hour in zip(numbers, states, moments, strict=False)
    ]
    insert_rows(connection, schema.message_final, finals)
    heard = [
        (1, "56070", ANSWER, 1),  # to the first of two messages
        (1, "56070", ANSWER, 1),  # and again: one answered message
        (2, "56071", ANSWER, 1),  # to somebody else
        (3, "56070", STOP, 1),
        (4, "56070", ANSWER, 1),  # to what never arrived
    ]
    mo = ids(14)[9:]
    rows = [
        keyed_row(
            schema.mo_message,
            number,
            subscriber_no=person,
            destination=to,
            action=action,
            at_us=NOON_US + hour * HOUR_US,
        )
        for number, (person, to, action, hour) in zip(mo, heard, strict=True)
    ]
    insert_rows(connection, schema.mo_message, rows)
    stop = keyed_row(
        schema.consent_event,
        ids(15)[14],
        subscriber_no=3,
        brand_no=3,
        action=int(ConsentAction.WITHDRAW),
        at_us=NOON_US + HOUR_US,
    )
    insert_rows(connection, schema.consent_event, [stop])


def test_an_answer_belongs_to_the_latest_message_before_it(database: Database) -> None:
    database.run(fill)
    own = database.read(lambda connection: campaign_history(connection, SHARD, 0, 72 * HOUR_US, 1))
    assert (own.ended, len(own.delivered), own.replies, own.opt_outs) == (5, 4, 1, 1)
    everybody = database.read(lambda connection: campaign_history(connection, SHARD, 0, 72 * HOUR_US))
    assert (everybody.ended, len(everybody.delivered)) == (6, 5)
    soon = database.read(lambda connection: campaign_history(connection, SHARD, 0, HOUR_US // 2, 1))
    assert (soon.replies, soon.opt_outs) == (0, 0)
