"""What ESMEs submitted last is read back by its moment, on both databases."""

from store_rows import NOON_US, SHARD, ids, message_row

from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.recent_rows import admissions_since
from operator_push.store.statements import insert_rows

OLD, REFUSED, CAMPAIGN, NEW = ids(4)


def test_admissions_of_esmes_since_a_moment(database: Database):
    rows = [
        message_row(OLD),
        message_row(REFUSED, verdict=3, body=b""),
        message_row(CAMPAIGN, origin=2),
        message_row(NEW, account_no=2, destination="919812345679"),
    ]
    database.run(lambda connection: insert_rows(connection, schema.message, rows))

    def since(moment_us: int) -> list[tuple[int, int, str, bytes]]:
        found = database.read(lambda connection: list(admissions_since(connection, SHARD, moment_us)))
        return [(row.message_id, row.account_no, row.destination, row.body) for row in found]

    newest = (NEW, 2, "919812345679", b"body")
    assert since(NOON_US + 1000) == [newest]
    assert since(NOON_US) == [(OLD, 1, "919812345678", b"body"), newest]
    assert since(NOON_US + 4000) == []
    assert len(since(0)) == 2
