"""What a start reads back of MO and of conversations, on both databases."""

from sqlalchemy import Connection
from store_rows import NOON_US, SHARD, ids, keyed_row, message_row

from operator_push.kernel.ids import id_epoch_us
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.mo_rows import StoredMo, answers_since, conversations_since, delivered_of, mo_since
from operator_push.store.statements import insert_rows

OLD, STOP, NEW, ANSWERED = ids(4)
KIND_RECEIPT, KIND_MO = 1, 2
PLAIN = {"source": "919812345678", "destination": "56070", "body": b"pdu", "at_us": NOON_US}


def fill(connection: Connection) -> None:
    mo = [
        keyed_row(schema.mo_message, OLD, **PLAIN),
        keyed_row(schema.mo_message, STOP, action=1, **PLAIN),
        keyed_row(schema.mo_message, NEW, **PLAIN),
    ]
    insert_rows(connection, schema.mo_message, mo)
    owed = [
        keyed_row(schema.esme_delivery, OLD, kind=KIND_MO, message_id=OLD),
        keyed_row(schema.esme_delivery, NEW, kind=KIND_RECEIPT, message_id=NEW),
    ]
    insert_rows(connection, schema.esme_delivery, owed)
    written = [
        message_row(OLD, source="56070", account_no=1),
        message_row(STOP, source="56070", account_no=2, verdict=3),
        message_row(NEW, source="CHAI", account_no=3),
        message_row(ANSWERED, source="56070", account_no=4, origin=4),
    ]
    insert_rows(connection, schema.message, written)


def test_messages_that_were_no_word_for_us_come_back_in_order(database: Database):
    database.run(fill)
    found = database.read(lambda connection: list(mo_since(connection, SHARD, NOON_US)))
    assert found == [StoredMo(mo_id, "919812345678", "56070", b"pdu", NOON_US) for mo_id in (OLD, NEW)]
    assert database.read(lambda connection: list(mo_since(connection, SHARD, NOON_US + 10_000))) == []


def test_what_an_esme_was_owed_already_is_known(database: Database):
    database.run(fill)
    found = database.read(lambda connection: delivered_of(connection, SHARD, KIND_MO, [OLD, NEW]))
    assert found == {OLD}
    assert database.read(lambda connection: delivered_of(connection, SHARD, KIND_MO, [])) == set()


def test_conversations_are_those_that_were_admitted_from_these_codes(database: Database):
    database.run(fill)
    found = database.read(
        lambda connection: list(conversations_since(connection, SHARD, NOON_US, ["56070", "57000"]))
    )
    assert [row[:4] for row in found] == [("56070", "919812345678", 1, OLD)]


def test_our_own_answers_begin_no_conversation_and_are_counted(database: Database):
    database.run(fill)
    found = database.read(
        lambda connection: list(answers_since(connection, SHARD, NOON_US, ["56070", "57000"]))
    )
    assert found == [("919812345678", id_epoch_us(ANSWERED))]
