"""Messages under the ids that their ESMEs know, read back from both databases."""

from store_rows import NOON_US, SHARD, ids, keyed_row, message_row

from operator_push.kernel.ids import id_day
from operator_push.services.query_message import KnownMessage
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.shown_rows import messages_shown_as, shown_since
from operator_push.store.statements import insert_rows

FIRST, SECOND, REFUSED = ids(3)


def test_an_id_tells_of_every_message_that_it_stands_for(database: Database):
    day = id_day(FIRST)

    def fill(connection: object) -> None:
        rows = [
            message_row(FIRST),
            message_row(SECOND, destination="919812345679"),
            message_row(REFUSED, verdict=3),
        ]
        insert_rows(connection, schema.message, rows)  # type: ignore[arg-type]
        insert_rows(connection, schema.shown_message, [(SHARD, day, FIRST, SECOND)])  # type: ignore[arg-type]
        ends = [keyed_row(schema.message_final, SECOND, state=7, at_us=NOON_US)]
        insert_rows(connection, schema.message_final, ends)  # type: ignore[arg-type]
        outcomes = [keyed_row(schema.segment_outcome, SECOND, segment_no=1, state=7, error_code="034")]
        insert_rows(connection, schema.segment_outcome, outcomes)  # type: ignore[arg-type]

    database.run(fill)

    def shown(shown_id: int) -> list[KnownMessage]:
        return database.read(lambda connection: messages_shown_as(connection, SHARD, shown_id))

    second = KnownMessage(SECOND, 1, "CHAI", "919812345679", 7, NOON_US, "034")
    assert shown(FIRST) == [KnownMessage(FIRST, 1, "CHAI", "919812345678", 2), second]
    assert shown(SECOND) == [second]
    assert shown(REFUSED) == []
    assert shown(12345) == []
    read = database.read(lambda connection: shown_since(connection, SHARD, day))
    assert read == [(FIRST, SECOND)]
    assert database.read(lambda connection: shown_since(connection, SHARD, day + 1)) == []
