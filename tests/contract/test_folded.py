"""What stands in the rows of messages is read like rows of its own, on both databases."""

from pathlib import Path

import pytest
from folding import DAY, DELIVERED, DONE, DONE_RECEIPT, fill, fold, what_readers_see
from sqlalchemy import Connection, func, select
from store_rows import SHARD, ids, keyed_row

from operator_push.store import loading, schema
from operator_push.store.archive import why_not_closed
from operator_push.store.archive_reading import opened_file
from operator_push.store.database import Database
from operator_push.store.message_search import Wanted, find_messages
from operator_push.store.statements import insert_rows
from operator_push.store.stored_messages import stored_messages


def test_every_reader_sees_the_same_where_rows_are_folded(database: Database) -> None:
    database.run(fill)
    before = database.read(what_readers_see)
    database.run(fold)

    def left(connection: Connection) -> list[int]:
        tables = (schema.attempt, schema.segment_outcome, schema.esme_delivery)
        return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]

    assert database.read(left) == [3, 1, 1]  # a second attempt and a long message, its first end, the MO
    after = database.read(what_readers_see)
    for question, answer in before.items():
        assert after[question] == answer, question
    assert [each.body for each in after["owed"]] == [b"done"]
    assert after["reference"] == 8
    assert [each.smsc_message_id for each in after["events"]] == ["D1", "A1", ""]


def test_the_receipt_s_id_is_never_given_again(database: Database) -> None:
    """A receipt may have the highest id of all, and nothing else tells it before its acknowledgement."""
    last = ids(20)[-1]
    end = keyed_row(schema.message_final, DONE, sequence=1, state=DELIVERED, receipt_id=last, receipt=b"r")
    database.run(lambda connection: insert_rows(connection, schema.message_final, [end]))
    assert database.read(lambda connection: loading.highest_id(connection, SHARD)) == last
    assert database.read(lambda connection: loading.highest_id(connection, SHARD + 1)) == 0


def test_a_day_with_a_folded_receipt_that_is_owed_stays(database: Database) -> None:
    end = keyed_row(
        schema.message_final, DONE, sequence=1, state=DELIVERED, receipt_id=DONE_RECEIPT, receipt=b"r"
    )
    database.run(lambda connection: insert_rows(connection, schema.message_final, [end]))
    reason = database.read(lambda connection: why_not_closed(connection, SHARD, DAY))
    assert reason == "1 deliveries are owed to ESMEs"


@pytest.mark.parametrize("older", [False, True])
def test_archives_of_older_versions_are_read_with_the_columns_of_now(tmp_path: Path, older: bool) -> None:
    path = tmp_path / "day.db"
    archived = Database.open(f"sqlite:///{path}")
    archived.run(schema.metadata.create_all)
    archived.run(fill)
    later: dict[str, list[str]] = {"message": [], "message_final": []}
    for table, names in later.items():
        columns = schema.metadata.tables[table].columns
        names += [each.name for each in columns if each.server_default is not None or each.nullable]
        if older:
            for name in names:
                archived.run(lambda c, t=table, n=name: c.exec_driver_sql(f"ALTER TABLE {t} DROP COLUMN {n}"))
    archived.close()
    assert len(later["message"]) == 4
    assert len(later["message_final"]) == 5
    with opened_file(path) as connection:
        shown = connection.exec_driver_sql("SELECT count(*) FROM temp.sqlite_master").scalar()
        stored = list(stored_messages(connection, SHARD))
        assert find_messages(connection, SHARD, Wanted(smsc_ids=("D1",)), DAY, DAY)
    assert shown == (2 if older else 0)
    assert [len(each.attempts) for each in stored] == [0, 1, 1, 2, 2, 1, 1, 1]
    assert [len(each.outcomes) for each in stored] == [0, 0, 0, 0, 1, 1, 1, 1]
