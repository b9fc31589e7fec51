"""What a start reads of a shard: with a mark it must be the same as without one."""

from typing import Any

from sqlalchemy import Connection

from operator_push.store import loading
from operator_push.store.database import Database
from operator_push.store.document_rows import open_prices
from operator_push.store.open_marks import LISTED_MAX, new_mark, set_mark
from operator_push.store.purse_rows import payers_of_open_holds
from operator_push.store.since import Since


def what_is_open(connection: Connection, shard: int, since: Since) -> dict[str, Any]:
    """Every reader that a mark may shorten, by name."""
    return {
        "messages": list(loading.open_messages(connection, shard, since)),
        "attempts": list(loading.open_attempts(connection, shard, since)),
        "outcomes": list(loading.open_outcomes(connection, shard, since)),
        "owed": loading.owed_deliveries(connection, shard, since),
        "prices": list(open_prices(connection, shard, since)),
        "payers": payers_of_open_holds(connection, shard, since),
        "highest id": loading.highest_id(connection, shard, since),
        "sequence": loading.highest_sequence(connection, shard, since),
    }


def mark_open(database: Database, shard: int, above_id: int, listed_max: int = LISTED_MAX) -> int:
    """Mark, as the running server does; up to which id, 0 where the former mark stays."""
    mark = database.read(lambda connection: new_mark(connection, shard, above_id, listed_max))
    if mark is None:
        return 0
    database.run(lambda connection: set_mark(connection, shard, mark))
    return mark.above_id
