"""What was found out about an SMSC is read back as it was written last, on both databases."""

from store_rows import SHARD

from operator_push.services.changes import Changes
from operator_push.store.database import Database
from operator_push.store.habit_rows import FoundForms, id_forms, id_forms_row
from operator_push.store.hot_rows import write_batch


def test_the_forms_of_ids_are_those_found_last(database: Database) -> None:
    first: FoundForms = ("decimal", "hexadecimal", ())
    last: FoundForms = ("hexadecimal", "hexadecimal", (4, 8))
    for shard, smsc_no, found in (
        (SHARD, 1, first),
        (SHARD, 2, first),
        (SHARD + 1, 2, first),
        (SHARD, 2, last),
    ):
        changes = Changes()
        changes.upserts.append(id_forms_row(shard, smsc_no, found))
        database.run(lambda connection, changes=changes, shard=shard: write_batch(connection, changes, shard))  # type: ignore[misc]
    assert database.read(lambda connection: id_forms(connection, SHARD)) == {1: first, 2: last}
