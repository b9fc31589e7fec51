"""A sink that was away is told every end of a message above its cursor, in the order of the sequence."""

from sqlalchemy import Connection
from store_rows import NOON_US, SHARD, ids, keyed_row, message_row, row

from operator_push.services.ports import DeliveryEvent
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.event_rows import events_above
from operator_push.store.statements import insert_rows

DELIVERED, WITHDRAWN = 4, 9
FIRST, SECOND, OPEN = ids(3)


def fill(connection: Connection) -> None:
    """SECOND ended before FIRST, and never had an id of the SMSC; OPEN has not ended."""
    insert_rows(connection, schema.account, [row(schema.account, account_no=1, name="demo")])
    insert_rows(connection, schema.campaign, [row(schema.campaign, campaign_no=4, name="monsoon")])
    insert_rows(
        connection,
        schema.message,
        [
            message_row(FIRST, client_reference=17, segment_count=2),
            message_row(SECOND, campaign_no=4),
            message_row(OPEN),
        ],
    )
    outcomes = [
        keyed_row(schema.segment_outcome, FIRST, segment_no=number, state=DELIVERED, smsc_message_id=smsc_id)
        for number, smsc_id in ((1, "A1"), (2, "A2"))
    ]
    insert_rows(connection, schema.segment_outcome, outcomes)
    finals = [
        keyed_row(schema.message_final, FIRST, sequence=2, state=DELIVERED, settled_micros=9, at_us=NOON_US),
        keyed_row(schema.message_final, SECOND, sequence=1, state=WITHDRAWN, at_us=NOON_US),
    ]
    insert_rows(connection, schema.message_final, finals)


def test_ends_above_the_cursor_in_order(database: Database) -> None:
    database.run(fill)
    second = DeliveryEvent(1, SECOND, "demo", "WITHDRAWN", "", 1, 0, NOON_US, -1, "monsoon", str(SECOND))
    first = DeliveryEvent(2, FIRST, "demo", "DELIVERED", "A1", 2, 9, NOON_US, 17, "", str(FIRST))
    assert database.read(lambda connection: events_above(connection, SHARD, 0, 10)) == [second, first]
    assert database.read(lambda connection: events_above(connection, SHARD, 0, 1)) == [second]
    assert database.read(lambda connection: events_above(connection, SHARD, 1, 10)) == [first]
    assert database.read(lambda connection: events_above(connection, SHARD, 2, 10)) == []
    assert database.read(lambda connection: events_above(connection, SHARD + 1, 0, 10)) == []


def test_the_end_of_a_whole_message_is_told_once_with_its_id(database: Database) -> None:
    def fill_whole(connection: Connection) -> None:
        insert_rows(connection, schema.account, [row(schema.account, account_no=1, name="demo")])
        insert_rows(connection, schema.message, [message_row(FIRST, segment_count=3)])
        named = {"segment_no": 0, "state": DELIVERED, "smsc_message_id": "W1"}
        insert_rows(connection, schema.segment_outcome, [keyed_row(schema.segment_outcome, FIRST, **named)])
        ended = {"sequence": 1, "state": DELIVERED, "settled_micros": 9, "at_us": NOON_US}
        insert_rows(connection, schema.message_final, [keyed_row(schema.message_final, FIRST, **ended)])

    database.run(fill_whole)
    whole = DeliveryEvent(1, FIRST, "demo", "DELIVERED", "W1", 3, 9, NOON_US, -1, "", str(FIRST))
    assert database.read(lambda connection: events_above(connection, SHARD, 0, 10)) == [whole]
