"""What was admitted since a moment, by account, on both databases."""

from store_rows import NOON_US, SHARD, message_row

from operator_push.domain.message import Verdict
from operator_push.kernel.ids import IdSequence
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.quota_rows import segments_admitted
from operator_push.store.statements import insert_rows

HOUR_US = 3_600_000_000


def test_only_this_account_s_admissions_of_this_time_are_summed(database: Database) -> None:
    sequence = IdSequence(SHARD)
    old, first, second, refused, other, late = (
        sequence.next_id(NOON_US + hours * HOUR_US) for hours in (-13, -11, 0, 1, 1, 2)
    )
    rows = [
        message_row(old, segment_count=50),
        message_row(first, segment_count=3),
        message_row(second, segment_count=2),
        message_row(refused, segment_count=7, verdict=int(Verdict.REFUSE)),
        message_row(other, segment_count=9, account_no=2),
        message_row(late, segment_count=4),
    ]
    database.run(lambda connection: insert_rows(connection, schema.message, rows))
    midnight = NOON_US - 12 * HOUR_US

    def summed(below_id: int, account_no: int = 1) -> int:
        return database.read(
            lambda connection: segments_admitted(connection, SHARD, midnight, below_id, account_no)
        )

    assert summed(late + 1) == 9
    assert summed(late) == 5
    assert summed(late, account_no=2) == 9
    assert summed(late, account_no=3) == 0
