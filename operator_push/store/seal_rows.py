"""Seal rows: the chain grows in the very transaction that posts, and is read back in its order.

A posting that is on disk is therefore sealed from its first moment on, and a batch that is rolled back
leaves no seal. What a seal is made of is said in domain.ledger_chain.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from sqlalchemy import Connection, Table, delete, inspect, select

from operator_push.domain.ledger_chain import START, Posting, Seal, Tip, next_seal
from operator_push.store import schema
from operator_push.store.archive_reading import in_day_order
from operator_push.store.statements import insert_rows, pages

ADOPTED_AT_ONCE = 2_000  # Ours: postings in a seal where rows of an older version are sealed afterwards.


class LedgerChain:
    """The end of one shard's chain, kept between commits so that none has to look for it."""

    def __init__(self, shard: int) -> None:
        self._shard = shard
        self._tip: Tip | None = None

    def forget(self) -> None:
        """A commit failed, or nobody knows: look the end up before the next seal."""
        self._tip = None

    def seal(self, connection: Connection, postings: Sequence[Posting]) -> None:
        """Write the seal of postings that this transaction writes too; nothing for no postings.

        Raises:
            sqlalchemy.exc.IntegrityError: another writer has gone on from the same end.
        """
        if not postings:
            return
        tip = self._tip or chain_tip(connection, self._shard)
        seal = next_seal(self._shard, tip, postings)
        insert_rows(connection, schema.ledger_seal, [seal])
        self._tip = seal.tip


def chain_tip(connection: Connection, shard: int) -> Tip:
    """Where the chain of a shard ends; START before its first seal.

    The last seal never leaves the hot table, however old its day.
    """
    row = schema.ledger_seal.c
    found = connection.execute(
        select(row.seal_no, row.day, row.at_us, row.head)
        .where(row.shard == shard)
        .order_by(row.day.desc(), row.seal_no.desc())
        .limit(1)
    ).first()
    return Tip(*found) if found is not None else START


def seals(connection: Connection, shard: int) -> Iterator[Seal]:
    """Every seal of a shard in order, of archived days too.

    Raises:
        OperatorError: the file of an archived day is missing.
    """
    table = schema.ledger_seal
    row = table.c

    def read(rows: Connection, from_day: int, until_day: int | None) -> Iterator[Seal]:
        if rows is not connection and not inspect(rows).has_table(table.name):
            return  # an archive of an older version; its postings were sealed later
        statement = select(table).where(row.shard == shard, row.day >= from_day)
        if until_day is not None:
            statement = statement.where(row.day < until_day)
        for found in pages(rows, statement.order_by(row.day, row.seal_no)):
            yield Seal(*found)

    return in_day_order(connection, shard, read)


def seal_what_is_not(connection: Connection, shard: int) -> int:
    """Begin the chain of a store whose postings are older than it; returns how many postings were sealed.

    Does nothing where there is a chain: what is missing in one is a finding, not something to mend.
    """
    from operator_push.store.facts import posting_rows

    if chain_tip(connection, shard) != START:
        return 0
    chain, count = LedgerChain(shard), 0
    rows = posting_rows(connection, shard)
    while some := list(islice(rows, ADOPTED_AT_ONCE)):
        chain.seal(connection, some)
        count += len(some)
    return count


def seal_anew(connection: Connection, shard: int) -> int:
    """Forget the chain and seal every posting again, for benchmarks that have written rows by hand.

    Heads that were published no longer agree with it.
    """
    for table in (schema.ledger_seal, schema.ledger_head, schema.ledger_head_cursor):
        _delete(connection, table, shard)
    return seal_what_is_not(connection, shard)


def _delete(connection: Connection, table: Table, shard: int) -> None:
    connection.execute(delete(table).where(table.c.shard == shard))
