"""What a client calls a message, and what it may mean by an id, on both databases."""

import pytest
from sqlalchemy import Connection
from store_rows import NOON_US, SHARD, message_row, row

from operator_push.kernel.ids import IdSequence, id_day
from operator_push.services.changes import Changes
from operator_push.services.message_names import MessageNames
from operator_push.store import schema
from operator_push.store.client_names import client_names, could_be_id, ids_meant, members_of, shown_id_of
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.message_search import Wanted, find_messages
from operator_push.store.statements import insert_rows
from operator_push.store.stories import story_of

_IDS = IdSequence(SHARD)
PLAIN, SHORT, FIRST, MEMBER = (_IDS.next_id(NOON_US) for _ in range(4))
LATER = _IDS.next_id(NOON_US + 3 * 86_400_000_000)  # it replaced SHORT
TODAY = id_day(LATER)


@pytest.fixture
def short(database: Database) -> str:
    """The short name of SHORT; FIRST and MEMBER are one submit_multi."""
    changes = Changes()
    name = MessageNames(SHARD).give(1, SHORT, changes)
    changes.shown_message += [
        (SHARD, id_day(SHORT), SHORT, LATER),
        (SHARD, id_day(FIRST), FIRST, MEMBER),
    ]

    def fill(connection: Connection) -> None:
        insert_rows(connection, schema.account, [row(schema.account, account_no=1, name="demo")])
        rows = [message_row(each) for each in (PLAIN, SHORT, FIRST, MEMBER, LATER)]
        insert_rows(connection, schema.message, rows)
        write_batch(connection, changes, SHARD)

    database.run(fill)
    return name


def test_every_message_has_the_name_that_its_client_was_told(database: Database, short: str) -> None:
    told = database.read(
        lambda connection: client_names(connection, SHARD, [PLAIN, SHORT, FIRST, MEMBER, LATER])
    )
    first = str(FIRST)
    assert told == {PLAIN: str(PLAIN), SHORT: short, LATER: short, FIRST: first, MEMBER: first}
    assert database.read(lambda connection: client_names(connection, SHARD, [])) == {}
    assert database.read(lambda connection: shown_id_of(connection, SHARD, MEMBER)) == FIRST


def test_an_id_is_understood_in_either_spelling(database: Database, short: str) -> None:
    def meant(text: str) -> list[int]:
        return database.read(lambda c: [number for _, number in ids_meant(c, SHARD, text, TODAY)])

    assert meant(short) == meant(short.upper()) == meant(str(int(short, 16))) == [SHORT]
    assert meant(f"{int(short, 16):x}") == [SHORT]  # without its leading zeros
    assert meant(str(PLAIN)) == meant(f"{PLAIN:x}") == meant(f"{PLAIN:X}") == [PLAIN]
    assert meant("fffffffe") == meant("9" * 19) == meant("x1") == []
    assert [could_be_id(text) for text in (short, str(PLAIN), "x1", "-1", "")] == [True, True, *[False] * 3]


def test_all_that_a_client_knows_by_one_id_is_found_and_told(database: Database, short: str) -> None:
    def read(connection: Connection) -> list[int]:
        members = members_of(connection, SHARD, FIRST)
        assert members == [FIRST, MEMBER]
        wanted = Wanted(message_ids=tuple(members))
        return [each.message_id for each in find_messages(connection, SHARD, wanted, TODAY - 9, TODAY)]

    assert database.read(read) == [MEMBER, FIRST]
    story = database.read(lambda connection: story_of(connection, SHARD, LATER))
    assert story is not None
    assert (story.client_message_id, story.same_id) == (short, (SHORT,))
