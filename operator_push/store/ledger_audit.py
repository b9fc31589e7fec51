"""Ledger audit: `operator-push ledger verify`, from the rows of a shard alone.

Every posting is held against the chain that sealed it (domain.seal_match), every balance and hold is rebuilt
from the postings (domain.ledger_proof), stored balances are compared with what was rebuilt, and messages,
ends and top-ups with the postings that they caused (ledger_joins). All of it in one reading transaction, in
one pass over rows and seals, archived days among them; memory grows with open messages, not with the ledger.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import cast

import msgspec
from sqlalchemy import Connection

from operator_push.domain.ledger_chain import Posting
from operator_push.domain.ledger_proof import LedgerProof, verify
from operator_push.domain.seal_match import SealMatch
from operator_push.domain.transfers import LedgerAccount, Transfer, TransferKind
from operator_push.store import facts, schema
from operator_push.store.ledger_joins import ledger_joins
from operator_push.store.seal_rows import seals

PROGRESS_EVERY = 100_000  # Ours: postings between two signs of life.
_LEDGER_TABLES = (
    schema.ledger_transfer,
    schema.ledger_seal,
    schema.ledger_head,
    schema.balance,
    schema.top_up,
    schema.correction,
    schema.message_final,
)
_KINDS = {int(kind): kind for kind in TransferKind}
_SIDES = {int(side): side for side in LedgerAccount}


def verify_ledger(
    connection: Connection,
    shard: int,
    signed: Mapping[int, tuple[bytes, str]] | None = None,
    progress: Callable[[int], None] = lambda postings: None,
) -> LedgerProof:
    """Prove the ledger of a shard from its rows and its chain.

    `signed`: heads that were given away, seal_no → (head, in whose words); `progress` hears of the postings
    read. `first_error` names the first broken seal, failing that the first row that is not as it was sealed,
    then what the rows themselves contradict, then balances, then messages.

    Raises:
        OperatorError: the file of an archived day is missing.
        ResourceError: the database is locked or gone.
        DamagedStoreError: raised by Database.read where the file itself is damaged; see `unreadable`.
    """
    with _any_octets_as_text(connection):
        return _verify(connection, shard, SealMatch(signed), progress)


def unreadable(damage: str) -> LedgerProof:
    """What there is to say of a ledger whose database cannot be read any more."""
    return LedgerProof(False, 0, 0, {}, {}, 0, damage, 1)


def _verify(
    connection: Connection, shard: int, match: SealMatch, progress: Callable[[int], None]
) -> LedgerProof:
    rows = match.proved(facts.posting_rows(connection, shard), seals(connection, shard))
    proof = verify(_transfers(rows, progress), in_key_order=True)
    first, errors, imbalance = match.first or proof.first_error, match.errors + proof.errors, 0
    imbalance = max(proof.imbalance_micros, match.micros)
    stored = facts.balances(connection, shard)
    rebuilt = {(account_no, int(side)): micros for (account_no, side), micros in proof.balances.items()}
    for account_no, side in sorted({*stored, *rebuilt}, key=str):
        kept, summed = stored.get((account_no, side), 0), rebuilt.get((account_no, side), 0)
        if kept != summed:
            name = _SIDES[side].name.lower() if side in _SIDES else "no known side"
            first = first or (
                f"balance (shard {shard}, account_no {account_no}, side {side}): "
                f"the stored balance of {name} is {kept!r} micros, its postings come to {summed}"
            )
            errors += 1
            imbalance += abs(kept - summed) if isinstance(kept, int) else abs(summed)
    for what in _torn_indexes(connection):
        first = first or what
        errors += 1
    for what, micros in ledger_joins(connection, shard):
        first = first or what
        errors += 1
        imbalance += micros
    return msgspec.structs.replace(
        proof, ok=errors == 0, imbalance_micros=imbalance, first_error=first, errors=errors
    )


def _torn_indexes(connection: Connection) -> Iterator[str]:
    """What SQLite finds wrong between a table of the ledger and the index of its key.

    The columns of a key stand in both, and a query reads them from either: one octet changed in the one is
    not seen by whoever reads the other. PostgreSQL reads a row's columns from the row.
    """
    if connection.dialect.name != "sqlite":
        return
    for table in _LEDGER_TABLES:
        for (found,) in connection.exec_driver_sql(f"PRAGMA integrity_check({table.name})"):
            if found != "ok":
                yield f"{table.name}: the rows and the index of their keys do not agree: {found}"


def _transfers(rows: Iterator[Posting], progress: Callable[[int], None]) -> Iterator[Transfer]:
    """Rows as the proof takes them; kinds and sides that nobody knows stay numbers, for it to name."""
    kinds, sides = _KINDS, _SIDES
    for count, row in enumerate(rows, 1):
        shard, day, reference, kind, account_no, debit, credit, amount, currency, at_us = row
        yield Transfer(
            shard,
            day,
            reference,
            kinds.get(kind, cast(TransferKind, kind)),
            account_no,
            sides.get(debit, cast(LedgerAccount, debit)),
            sides.get(credit, cast(LedgerAccount, credit)),
            amount,
            currency,
            at_us,
        )
        if not count % PROGRESS_EVERY:
            progress(count)


@contextmanager
def _any_octets_as_text(connection: Connection) -> Iterator[None]:
    """SQLite's driver refuses text that is not UTF-8; a row that was changed into such is to be named."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver_connection = cast(sqlite3.Connection, connection.connection.driver_connection)
    driver_connection.text_factory = lambda octets: octets.decode("utf-8", "backslashreplace")
    try:
        yield
    finally:
        driver_connection.text_factory = str
