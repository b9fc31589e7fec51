"""Lease rows: slices of one account's money between the treasury and the owners of shards.

The treasury keeps the shared money of accounts on books of its own, under a shard number that no owner can
have. A slice leaves them and enters the books of a shard in one transaction, so that after a crash it is on
exactly one of the two, and whoever owns the shard next has it. Laws: the treasury lends only what it has,
however many ask at once; LEASED comes to zero over all shards, slice by slice.
"""

from collections.abc import Callable

from sqlalchemy import Connection, select, text

from operator_push.domain.transfers import LEGS, LedgerAccount, TransferKind
from operator_push.kernel.ids import SHARDS_MAX, IdSequence, id_day
from operator_push.store import schema
from operator_push.store.hot_rows import move_balances
from operator_push.store.seal_rows import LedgerChain
from operator_push.store.statements import insert_rows

TREASURY_SHARD = SHARDS_MAX  # the first number that no id and no owner can have
_AVAILABLE = int(LedgerAccount.AVAILABLE)
_LOCK = 0x6C656173  # "leas": any number that nothing else of ours locks


def take_slice(
    connection: Connection,
    chain: LedgerChain,
    shard: int,
    account_no: int,
    need_micros: int,
    slice_micros: int,
    reference: int,
    currency: str,
    at_us: int,
) -> int:
    """Lend a slice of an account's money to the owner of `shard`; micros, 0 where there is less than needed.

    At least `need_micros`, otherwise `slice_micros` or what is left. `chain` is that of the shard's writer.
    """
    _one_at_a_time(connection)
    there = _available(connection, TREASURY_SHARD, account_no)
    if there <= 0 or there < need_micros:
        return 0
    micros = min(there, max(need_micros, slice_micros))
    out, into = TransferKind.LEASE_OUT, TransferKind.LEASE_IN
    _post(
        connection,
        LedgerChain(TREASURY_SHARD),
        TREASURY_SHARD,
        out,
        account_no,
        micros,
        reference,
        currency,
        at_us,
    )
    _post(connection, chain, shard, into, account_no, micros, reference, currency, at_us)
    return micros


def give_back(
    connection: Connection,
    chain: LedgerChain,
    shard: int,
    account_no: int,
    micros: int,
    reference: int,
    currency: str,
    at_us: int,
) -> int:
    """Put unused money of a shard into the treasury; micros, never more than is available on its books."""
    _one_at_a_time(connection)
    micros = min(micros, _available(connection, shard, account_no))
    if micros <= 0:
        return 0
    out, into = TransferKind.RETURN_OUT, TransferKind.RETURN_IN
    _post(connection, chain, shard, out, account_no, micros, reference, currency, at_us)
    _post(
        connection,
        LedgerChain(TREASURY_SHARD),
        TREASURY_SHARD,
        into,
        account_no,
        micros,
        reference,
        currency,
        at_us,
    )
    return micros


def reclaim(
    connection: Connection, shard: int, ids: IdSequence, currency_of: Callable[[int], str], at_us: int
) -> dict[int, int]:
    """Put all unused leased money of a shard whose owner is gone into the treasury; account_no → micros.

    `currency_of` tells the currency of an account. What its open messages hold stays on its books. Its owner
    must not be running: it would spend the same.
    """
    row = schema.balance.c
    leased = select(row.account_no).where(row.shard == TREASURY_SHARD).distinct()
    statement = select(row.account_no, row.amount_micros).where(
        row.shard == shard, row.side == _AVAILABLE, row.amount_micros > 0, row.account_no.in_(leased)
    )
    chain = LedgerChain(shard)
    returned = {}
    for account_no, micros in connection.execute(statement).all():
        reference = ids.next_id(at_us)
        returned[account_no] = give_back(
            connection, chain, shard, account_no, micros, reference, currency_of(account_no), at_us
        )
    return returned


def leases_open(connection: Connection) -> dict[int, int]:
    """account_no → micros of LEASED over all shards; empty in a sound ledger."""
    row = schema.balance.c
    sums: dict[int, int] = {}
    statement = select(row.account_no, row.amount_micros).where(row.side == int(LedgerAccount.LEASED))
    for account_no, micros in connection.execute(statement):
        sums[account_no] = sums.get(account_no, 0) + micros
    return {account_no: micros for account_no, micros in sums.items() if micros}


def _one_at_a_time(connection: Connection) -> None:
    """Others that lend or return wait until this transaction is over: the treasury has one chain.

    SQLite's writers do so by nature.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def _available(connection: Connection, shard: int, account_no: int) -> int:
    row = schema.balance.c
    statement = select(row.amount_micros).where(
        row.shard == shard, row.account_no == account_no, row.side == _AVAILABLE
    )
    return int(connection.execute(statement).scalar() or 0)


def _post(
    connection: Connection,
    chain: LedgerChain,
    shard: int,
    kind: TransferKind,
    account_no: int,
    micros: int,
    reference: int,
    currency: str,
    at_us: int,
) -> None:
    debit, credit = map(int, LEGS[kind])
    row = (shard, id_day(reference), reference, int(kind), account_no, debit, credit, micros, currency, at_us)
    insert_rows(connection, schema.ledger_transfer, [row])
    chain.seal(connection, [row])
    move_balances(connection, shard, {(account_no, debit): -micros, (account_no, credit): micros})
