"""A start that reads by a mark finds what one finds that reads everything."""

import pytest
from store_rows import SHARD, ids, keyed_row, message_row
from what_is_open import mark_open, what_is_open

from operator_push.store import schema, since
from operator_push.store.database import Database
from operator_push.store.open_marks import read_since
from operator_push.store.since import EVERYTHING, OpenMark, Since
from operator_push.store.statements import insert_rows

OPEN, OWED, ACKED, STRANGER, LATER, LAST, *RECEIPTS = ids(12)
OWED_RECEIPT, ACKED_RECEIPT, OWN, OWN_ACKED, NEW = RECEIPTS[:5]


def write(database: Database, table: str, *rows: tuple[object, ...]) -> None:
    database.run(lambda connection: insert_rows(connection, schema.metadata.tables[table], list(rows)))


def final(message_id: int, sequence: int, receipt_id: int = 0) -> tuple[object, ...]:
    named = {"sequence": sequence, "state": 4, "receipt_id": receipt_id}
    return keyed_row(schema.message_final, message_id, **named)


def acknowledged(delivery_id: int) -> tuple[object, ...]:
    return keyed_row(schema.esme_delivery_ack, delivery_id, outcome=1)


def delivery(delivery_id: int, message_id: int) -> tuple[object, ...]:
    return keyed_row(schema.esme_delivery, delivery_id, account_no=1, kind=1, message_id=message_id)


def read(database: Database, by: Since) -> dict[str, object]:
    return database.read(lambda connection: what_is_open(connection, SHARD, by))


def mark_of(database: Database) -> Since:
    return database.read(lambda connection: read_since(connection, SHARD))


@pytest.fixture
def lived(database: Database) -> Database:
    """One message is open, one has ended and is owed a receipt, one has ended and told its ESME."""
    write(database, "message", *map(message_row, (OPEN, OWED, ACKED)))
    write(database, "message_final", final(OWED, 1, OWED_RECEIPT), final(ACKED, 2, ACKED_RECEIPT))
    write(database, "esme_delivery", delivery(OWN, OWED), delivery(OWN_ACKED, ACKED))
    write(database, "esme_delivery_ack", acknowledged(ACKED_RECEIPT), acknowledged(OWN_ACKED))
    return database


def test_a_store_without_a_mark_is_read_whole(lived: Database) -> None:
    assert mark_of(lived) == EVERYTHING
    assert [each.message_id for each in read(lived, EVERYTHING)["messages"]] == [OPEN]


def test_the_mark_names_what_is_open_and_owed(lived: Database) -> None:
    assert mark_open(lived, SHARD, ACKED) == ACKED
    assert mark_of(lived).mark == OpenMark(ACKED, OWN_ACKED, 2, (OPEN,), (OWED,), ())
    mark_open(lived, SHARD, OWN_ACKED)
    assert mark_of(lived).mark == OpenMark(OWN_ACKED, OWN_ACKED, 2, (OPEN,), (OWED,), (OWN,))


@pytest.mark.parametrize("at_once", [1, 500])
def test_nothing_is_missed_whatever_happens_after_the_mark(
    lived: Database, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(since, "IDS_AT_ONCE", at_once)
    mark_open(lived, SHARD, OWN_ACKED)
    assert read(lived, mark_of(lived)) == read(lived, EVERYTHING)
    # What was open ends and owes a receipt, what was owed is acknowledged, something new begins.
    write(lived, "message_final", final(OPEN, 3, NEW))
    write(lived, "esme_delivery_ack", acknowledged(OWED_RECEIPT))
    newest = RECEIPTS[5]
    write(lived, "message", message_row(newest))
    found = read(lived, mark_of(lived))
    assert found == read(lived, EVERYTHING)
    assert [each.delivery_id for each in found["owed"]] == [OWN, NEW]
    assert [each.message_id for each in found["messages"]] == [newest]
    assert (found["sequence"], found["highest id"]) == (3, newest)
    # The next mark is made from this one alone.
    mark_open(lived, SHARD, newest)
    assert mark_of(lived).mark == OpenMark(newest, newest, 3, (newest,), (OPEN,), (OWN,))
    assert read(lived, mark_of(lived)) == read(lived, EVERYTHING)


def test_a_mark_never_goes_back(lived: Database) -> None:
    mark_open(lived, SHARD, ACKED)
    assert mark_open(lived, SHARD, OWED) == 0
    assert mark_of(lived).mark.above_id == ACKED


def test_where_too_much_is_open_the_mark_stays(lived: Database) -> None:
    assert mark_open(lived, SHARD, ACKED, listed_max=1) == 0
    assert mark_of(lived) == EVERYTHING


def test_shards_have_marks_of_their_own(lived: Database) -> None:
    mark_open(lived, SHARD + 1, ACKED)
    assert mark_of(lived) == EVERYTHING
