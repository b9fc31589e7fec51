"""Stories: what hangs on a message beside its segments and money, on both databases."""

from typing import Any

from proof_sample import TWO, WAITS, fill
from sqlalchemy import Connection
from store_rows import SHARD, ids, keyed_row

from operator_push.kernel.ids import id_day
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows
from operator_push.store.stories import DeliveryToEsme, OpenCase, PutOff, ReceiptAside, story_of

OWED, ACKNOWLEDGED, OTHER, ASIDE, STRANGE, CASE = ids(12)[6:]


def fill_more(connection: Connection) -> None:
    fill(connection)
    deliveries: list[dict[str, Any]] = [
        {"identifier": OWED, "message_id": TWO, "kind": 1},
        {"identifier": ACKNOWLEDGED, "message_id": TWO, "kind": 1},
        {"identifier": OTHER, "message_id": WAITS, "kind": 1},
    ]
    insert_rows(connection, schema.esme_delivery, [keyed_row(schema.esme_delivery, **d) for d in deliveries])
    ack = keyed_row(schema.esme_delivery_ack, ACKNOWLEDGED, outcome=1, at_us=950)
    insert_rows(connection, schema.esme_delivery_ack, [ack])
    asides = [
        keyed_row(schema.receipt_aside, ASIDE, smsc_message_id="A1", state=4, outcome=2, at_us=960),
        keyed_row(schema.receipt_aside, STRANGE, smsc_message_id="Z9", state=4, outcome=4, at_us=960),
    ]
    insert_rows(connection, schema.receipt_aside, asides)
    put_off = [
        (SHARD, id_day(identifier), identifier, 940, 950, 14, b"\x04\x02") for identifier in (TWO, WAITS)
    ]
    insert_rows(connection, schema.deferral, put_off)
    insert_rows(connection, schema.message_channel, [(SHARD, id_day(WAITS), WAITS, 1)])
    named = {"class": "ambiguous", "message_id": TWO, "segment_no": 2, "detail": "two rows", "at_us": 970}
    insert_rows(
        connection, schema.reconciliation_case, [keyed_row(schema.reconciliation_case, CASE, **named)]
    )


def test_a_story_has_everything_of_its_message_and_nothing_of_others(database: Database) -> None:
    database.run(fill_more)
    story = database.read(lambda connection: story_of(connection, SHARD, TWO))
    assert story is not None
    assert (story.account, story.brand, story.campaign) == ("chai", "Chai Point", "Morning chai")
    assert story.deliveries == (
        DeliveryToEsme(OWED, 1, None, None),
        DeliveryToEsme(ACKNOWLEDGED, 1, 1, 950),
    )
    assert story.asides == (ReceiptAside("A1", 4, 2, 960),)
    assert story.cases == (OpenCase(2, "ambiguous", "two rows", 970),)
    assert story.put_off == (PutOff(940, 950, 14, b"\x04\x02"),)
    assert story.links == {1: "main"}


def test_no_message_no_story(database: Database) -> None:
    database.run(fill_more)
    assert database.read(lambda connection: story_of(connection, SHARD, 12)) is None
    assert database.read(lambda connection: story_of(connection, SHARD + 1, TWO)) is None


def test_a_story_tells_by_what_its_message_goes(database: Database) -> None:
    database.run(fill_more)
    told = [database.read(lambda rows, each=each: story_of(rows, SHARD, each)) for each in (TWO, WAITS)]
    assert [each.channel for each in told if each is not None] == ["sms", "ussd"]
