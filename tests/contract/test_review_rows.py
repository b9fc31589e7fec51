"""Review items are read back with what people decided, on every database."""

import pytest
from sqlalchemy import Connection

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.services.review_items import ReviewEvent, resolve
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.review_rows import add_review_event, review_item_of, review_items
from operator_push.store.statements import insert_rows

SHARD, NOW_US = 3, 1_800_000_000_000_000
MO_ID = IdSequence(SHARD).next_id(NOW_US)


def test_an_item_waits_until_it_is_decided_once(database: Database) -> None:
    def work(connection: Connection) -> None:
        row = (SHARD, id_day(MO_ID), MO_ID, 1, "56070", "stop", "bus stop", NOW_US)
        insert_rows(connection, schema.review_item, [row])
        (item,) = review_items(connection, SHARD)
        assert (item.mo_id, item.matched, item.text, item.is_open) == (MO_ID, "stop", "bus stop", True)
        asked = resolve(item, ReviewEvent("asked_back", "ann", "", NOW_US + 1))
        add_review_event(connection, SHARD, asked)
        assert review_item_of(connection, SHARD, MO_ID).is_open
        add_review_event(
            connection, SHARD, resolve(asked, ReviewEvent("no_stop", "ann", "a bus", NOW_US + 2))
        )
        decided = review_item_of(connection, SHARD, MO_ID)
        assert [event.how for event in decided.events] == ["asked_back", "no_stop"]
        with pytest.raises(OperatorError, match="resolved already: no_stop by ann"):
            resolve(decided, ReviewEvent("stop_recorded", "bob", "", NOW_US + 3))
        with pytest.raises(OperatorError, match="review list"):
            review_item_of(connection, SHARD, MO_ID + 1)

    database.run(work)
