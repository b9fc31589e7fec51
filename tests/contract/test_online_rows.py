"""Online rows: a slice comes back as it was put down, on every store."""

import msgspec

from operator_push.services.online_slice import OnlineSlice
from operator_push.store.database import Database
from operator_push.store.online_rows import online_slices
from operator_push.store.small_rows import upsert


def test_a_slice_comes_back_as_it_was_put_down(database: Database) -> None:
    row = OnlineSlice(
        0, 7, "gw;1;2", 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1, "continue", 2, "gw;1;2", 3, 15, 16, 17
    )
    for asked in (1, 2):
        row.asked_micros = asked
        values = msgspec.structs.asdict(row)
        database.run(lambda connection, values=values: upsert(connection, "online_slice", values))
    assert database.read(lambda connection: online_slices(connection, 0)) == [row]
    assert database.read(lambda connection: online_slices(connection, 1)) == []
