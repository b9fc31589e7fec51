"""Rows many to a statement: all or nothing, the error of the row that is wrong, no second copy of pages."""

import os
import random
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError
from store_rows import ids, message_row

from operator_push.store import migrate, schema
from operator_push.store.database import Database
from operator_push.store.sqlite_inserts import ROWS_A_STATEMENT
from operator_push.store.statements import insert_rows

OPEN_FILES = Path("/proc/self/fd")  # of Linux; elsewhere nothing is found, and nothing is shown


def test_a_row_in_the_midst_that_is_wrong_takes_the_others_with_it(database: Database) -> None:
    rows = [message_row(message_id) for message_id in ids(2 * ROWS_A_STATEMENT)]
    rows[40] = rows[3]
    with pytest.raises(IntegrityError):
        database.run(lambda connection: insert_rows(connection, schema.message, rows))
    assert not _count(database)


def test_the_error_names_the_column_and_no_value(database: Database) -> None:
    first, second = ids(2)
    rows = [message_row(first), message_row(second, destination=None)]
    with pytest.raises(IntegrityError, match="destination") as raised:
        database.run(lambda connection: insert_rows(connection, schema.message, rows))
    if database.dialect_name == "sqlite":  # PostgreSQL's own words hold the row, and are never logged
        assert "CHAI" not in str(raised.value)


def test_rows_between_others_need_no_journal_of_the_statement(tmp_path: Path) -> None:
    """Ends come in another order than their messages: such rows were written a second time, to a file."""
    url = f"sqlite:///{tmp_path}/store.db"
    migrate.upgrade(url)
    database = Database.open(url)
    rows = [message_row(message_id, body=bytes(200)) for message_id in ids(4_000)]
    random.Random(3).shuffle(rows)

    def work(connection: Connection) -> list[str]:
        insert_rows(connection, schema.message, rows)
        return [os.readlink(path) for path in OPEN_FILES.glob("*") if os.path.lexists(path)]

    opened = database.run(work)
    database.close()
    assert not [name for name in opened if "etilqs" in name]


def _count(database: Database) -> int:
    statement = select(func.count()).select_from(schema.message)
    return int(database.read(lambda connection: connection.execute(statement).scalar()) or 0)
