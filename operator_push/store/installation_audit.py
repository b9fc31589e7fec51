"""Installation audit: every shard's ledger and the treasury's, proved in one reading transaction.

Each shard has its own chain and its own balances (ledger_audit). What only all of them together can show is
that leased money is on exactly one book: LEASED comes to zero over all shards.
"""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import Connection, Table, func, select

from operator_push.domain.ledger_proof import LedgerProof
from operator_push.domain.transfers import LedgerAccount
from operator_push.store import schema
from operator_push.store.lease_rows import TREASURY_SHARD, leases_open
from operator_push.store.ledger_audit import verify_ledger
from operator_push.store.small_rows import account_currencies

_OF_A_SHARD: tuple[Table, ...] = (schema.balance, schema.ledger_transfer, schema.ledger_seal, schema.message)


def shards_of(connection: Connection) -> list[int]:
    """The shards that have a balance, a posting, a seal or a message, ascending; the treasury is the last."""
    found: set[int] = set()
    for table in _OF_A_SHARD:
        # One look into the key for each shard that there is: DISTINCT would read every row.
        shard: int | None = -1
        while shard is not None:
            row = table.c.shard
            shard = connection.execute(select(func.min(row)).where(row > shard)).scalar()
            if shard is not None:
                found.add(shard)
    return sorted(found)


def verify_installation(
    connection: Connection,
    prove: Callable[[Connection, int], LedgerProof] = verify_ledger,
    shards: Iterable[int] | None = None,
    expected: Iterable[int] = (),
) -> tuple[LedgerProof, list[int]]:
    """Prove the ledgers of `shards`, all there are where none is named; the proof and the shards it is of.

    `expected` are shards that must be there, by heads that were given away, though no row is left of them.
    `prove` is ledger_audit.verify_ledger with what is known of signed heads. Balances and holds are sums over
    shards. `first_error` says which shard it is of where there are several.

    Raises:
        OperatorError: the file of an archived day is missing.
        ResourceError: the database is locked or gone.
    """
    wanted = sorted({*shards_of(connection), *expected}) if shards is None else list(shards)
    proofs = {shard: prove(connection, shard) for shard in wanted}
    first = next((_named(shard, proof, wanted) for shard, proof in proofs.items() if not proof.ok), None)
    errors = sum(proof.errors for proof in proofs.values())
    imbalance = sum(proof.imbalance_micros for proof in proofs.values())
    if shards is None:
        for what, micros in _leased(leases_open(connection)):
            first = first or what
            errors += 1
            imbalance += abs(micros)
    balances: dict[tuple[int, LedgerAccount], int] = {}
    currencies: dict[int, str] = {}
    for shard, proof in proofs.items():
        for key, micros in proof.balances.items():
            balances[key] = balances.get(key, 0) + micros
        for account_no, currency in proof.currencies.items():
            if currencies.setdefault(account_no, currency) != currency:
                what = f"shard {shard}: account {account_no} is in {currency}, elsewhere in "
                first = first or what + currencies[account_no]
                errors += 1
    for account_no, currency in account_currencies(connection).items():
        posted = currencies.get(account_no, currency)
        if posted != currency:
            first = first or f"account (account_no {account_no}): is in {currency}, its postings in {posted}"
            errors += 1
    return (
        LedgerProof(
            ok=not errors,
            postings=sum(proof.postings for proof in proofs.values()),
            accounts=len(currencies) or max((proof.accounts for proof in proofs.values()), default=0),
            balances=balances,
            open_holds={key: micros for proof in proofs.values() for key, micros in proof.open_holds.items()},
            imbalance_micros=imbalance,
            first_error=first,
            errors=errors,
            currencies=currencies,
        ),
        wanted,
    )


def _named(shard: int, proof: LedgerProof, wanted: list[int]) -> str | None:
    if len(wanted) == 1:
        return proof.first_error
    return f"{'treasury' if shard == TREASURY_SHARD else f'shard {shard}'}: {proof.first_error}"


def _leased(open_leases: Mapping[int, int]) -> list[tuple[str, int]]:
    return [
        (f"account {account_no}: {micros} micros are leased over all shards, not 0", micros)
        for account_no, micros in sorted(open_leases.items())
    ]
