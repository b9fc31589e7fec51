"""How much of the file a commit changes: counted in pages of SQLite's log, which no busy machine moves."""

import random
from pathlib import Path

from store_rows import SHARD, ids, keyed_row, message_row

from operator_push.domain.transfers import TransferKind
from operator_push.services.changes import Changes
from operator_push.store import migrate, schema
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch

OPEN, TOGETHER, COMMITS = 500, 50, 30
FRAME_OCTETS = 24 + 4096  # a page of the write-ahead log with its header
PAGES_A_COMMIT = 45  # seen: 36; 58 with the rows in the order of their keys


def lived(among_open: int, commits: int) -> list[Changes]:
    """Commits in which as many messages begin as end, those that end by chance among so many open ones."""
    chance = random.Random(4)
    begun = iter(ids(among_open + commits * TOGETHER))
    still_open: list[int] = []
    batches = []
    while len(batches) < commits + among_open // TOGETHER:
        changes = Changes()
        for message_id in [next(begun) for _ in range(TOGETHER)]:
            changes.message.append(message_row(message_id, body=b"x" * 200, trail=b"y" * 20))
            changes.ledger_transfer.append(posting(message_id, TransferKind.HOLD))
            still_open.append(message_id)
        while len(still_open) > among_open:
            ended = still_open.pop(chance.randrange(len(still_open)))
            end = {"state": 2, "smsc_message_id": f"{ended:016x}"[-16:], "receipt": b"z" * 190}
            changes.message_final.append(keyed_row(schema.message_final, ended, **end))
            changes.ledger_transfer.append(posting(ended, TransferKind.SETTLE))
        batches.append(changes)
    return batches


def posting(message_id: int, kind: TransferKind) -> tuple[object, ...]:
    return keyed_row(schema.ledger_transfer, message_id, kind=int(kind), account_no=1, currency="INR")


def test_ends_in_any_order_change_few_pages(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    migrate.upgrade(url)
    database = Database.open(url)
    batches = lived(OPEN, COMMITS)
    for changes in batches[:-COMMITS]:
        database.run(lambda connection, changes=changes: write_batch(connection, changes, SHARD))
    log = tmp_path / "store.db-wal"
    before = log.stat().st_size
    for changes in batches[-COMMITS:]:
        database.run(lambda connection, changes=changes: write_batch(connection, changes, SHARD))
    pages = (log.stat().st_size - before) / FRAME_OCTETS / COMMITS
    database.close()
    assert pages <= PAGES_A_COMMIT
