"""Strays of other shards, in the order of their commits, and those that nobody claims."""

from store_rows import NOON_US, SHARD, keyed_row

from operator_push.domain.delivery import ReceiptOutcome
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.small_rows import begin_incarnation
from operator_push.store.statements import insert_rows
from operator_push.store.stray_rows import other_shards, strays_since, unclaimed

OTHER = SHARD + 1


def test_strays_are_read_after_the_last_one_and_known_ids_are_no_strays(database: Database) -> None:
    sequence = IdSequence(OTHER)
    ids = [sequence.next_id(NOON_US + number * 1_000) for number in range(5)]
    outcomes = (ReceiptOutcome.ORPHAN, ReceiptOutcome.DUPLICATE, ReceiptOutcome.EARLY, ReceiptOutcome.ORPHAN)
    asides = [
        (OTHER, id_day(receipt_id), receipt_id, 3, f"A{number}", 4, int(outcome), NOON_US + number)
        for number, (receipt_id, outcome) in enumerate(zip(ids, outcomes, strict=False))
    ]
    (message_id,) = [IdSequence(SHARD).next_id(NOON_US)]
    named = {"segment_no": 1, "attempt_no": 1, "smsc_message_id": "A2"}
    for table, rows in (
        (schema.receipt_aside, asides),
        (schema.submit_result, [keyed_row(schema.submit_result, message_id, **named)]),
    ):
        database.run(lambda connection, table=table, rows=rows: insert_rows(connection, table, rows))  # type: ignore[misc]
    for shard in (SHARD, OTHER, OTHER):
        database.run(lambda connection, shard=shard: begin_incarnation(connection, shard, NOON_US))  # type: ignore[misc]
    assert database.read(lambda connection: other_shards(connection, SHARD)) == [OTHER]

    def since(above: int, limit: int = 9) -> list[str]:
        found = database.read(lambda connection: strays_since(connection, OTHER, above, limit))
        return [each.smsc_message_id for each in found]

    assert since(ids[0] - 1) == ["A0", "A2", "A3"]
    assert since(ids[0], 1) == ["A2"]
    assert since(ids[3]) == []
    left = database.read(lambda connection: unclaimed(connection, id_day(ids[0]), 9))
    assert [(each.smsc_message_id, each.shard, each.smsc_no) for each in left] == [
        ("A3", OTHER, 3),
        ("A0", OTHER, 3),
    ]
    assert database.read(lambda connection: unclaimed(connection, id_day(ids[0]) + 1, 9)) == []
