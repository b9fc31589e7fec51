"""Hot rows: one batch of changes, one statement per table, in one transaction.

Laws: rows go to the driver as the tuples that the use cases made; balances move by sums in the same
transaction as the transfers that moved them, and so does the chain that seals these; a batch is written once,
also where the first answer was lost.
What a row means is said in `schema`.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from sqlalchemy import Connection, Table, and_, select

from operator_push.services.changes import TABLE_FIELDS, Changes
from operator_push.store import schema
from operator_push.store.consent_seal_rows import salt, seal_acts
from operator_push.store.lookup_rows import LookupChain
from operator_push.store.seal_rows import LedgerChain
from operator_push.store.small_rows import upsert_all
from operator_push.store.statements import insert_rows
from operator_push.store.usage_rows import write_usage

ADDED_TO_A_BALANCE = (
    " ON CONFLICT (shard, account_no, side) DO UPDATE "
    "SET amount_micros = balance.amount_micros + excluded.amount_micros"
)
_TABLES: tuple[Table, ...] = tuple(schema.metadata.tables[name] for name in TABLE_FIELDS)


class RunsInTransactions(Protocol):
    """What is needed of a WriterThread."""

    def submit(
        self, work: Callable[[Connection], None], done: Callable[[BaseException | None], None]
    ) -> None: ...


class HotRowsWriter:
    """The committer's writer for one shard: off the loop, and harmless to repeat.

    A commit whose answer was lost (ResourceError) may or may not have happened. When the very same changes
    come again, their keys tell: an existing row means that the whole batch is there, since it is one
    transaction.
    """

    def __init__(self, thread: RunsInTransactions, shard: int, chain: LedgerChain | None = None) -> None:
        self._lookups = LookupChain(shard)
        self._thread = thread
        self._shard = shard
        self._chain = chain or LedgerChain(shard)
        self._in_doubt: Changes | None = None

    def write(self, changes: Changes, done: Callable[[BaseException | None], None]) -> None:
        """Write `changes` in one transaction; `done(None)` in the loop once they are on disk."""
        again = changes is self._in_doubt

        def work(connection: Connection) -> None:
            if again and is_written(connection, changes):
                return
            write_batch(connection, changes, self._shard, self._chain, self._lookups)

        def finished(outcome: BaseException | None) -> None:
            self._in_doubt = changes if outcome is not None else None
            if outcome is not None:
                self._chain.forget()
                self._lookups.forget()
            done(outcome)

        self._thread.submit(work, finished)


def write_batch(
    connection: Connection,
    changes: Changes,
    shard: int,
    chain: LedgerChain | None = None,
    lookups: LookupChain | None = None,
) -> None:
    """Insert every row of a batch, seal its postings, upsert its small rows and move the balances of `shard`.

    `chain` and `lookups` remember between batches where the chains of the ledger and of the vault's audit
    end; without them it is looked up.

    Raises:
        sqlalchemy.exc.IntegrityError: a key exists already; nothing of the batch is kept.
    """
    salt(changes.consent_event)
    (lookups or LookupChain(shard)).chain(connection, changes.vault_audit)
    for name, table in zip(TABLE_FIELDS, _TABLES, strict=True):
        insert_rows(connection, table, getattr(changes, name))
    seal_acts(connection, shard, changes.consent_event)
    (chain or LedgerChain(shard)).seal(connection, changes.ledger_transfer)
    upsert_all(connection, changes.upserts)
    write_usage(connection, shard, changes.usage)
    move_balances(connection, shard, changes.balance_micros)


def is_written(connection: Connection, changes: Changes) -> bool:
    """True where a batch that `write_batch` was given before is on disk; one key stands for all its rows.

    False for a batch of upserts alone, which may be written again: balances never move without a transfer.
    """
    for name, table in zip(TABLE_FIELDS, _TABLES, strict=True):
        rows = getattr(changes, name)
        if rows:
            values = dict(zip(table.columns, rows[0], strict=True))
            key = and_(*(column == values[column] for column in table.primary_key.columns))
            return connection.execute(select(1).select_from(table).where(key)).first() is not None
    return False


def move_balances(connection: Connection, shard: int, by_micros: Mapping[tuple[int, int], int]) -> None:
    """Add to balances, (account_no, side) → micros; a balance starts at 0."""
    # Sorted: two writers that touch the same accounts take their row locks in the same order.
    rows = [(shard, *key, by) for key, by in sorted(by_micros.items()) if by]
    insert_rows(connection, schema.balance, rows, ADDED_TO_A_BALANCE)
