"""One proof of a whole installation: every shard, the treasury, and what only all of them can show."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, update
from store_rows import NOON_US

from operator_push.domain.ledger import Balances
from operator_push.domain.ledger_proof import LedgerProof
from operator_push.domain.transfers import LedgerAccount
from operator_push.kernel.ids import IdSequence
from operator_push.services.changes import Changes
from operator_push.services.ledger_rows import add_transfers
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.installation_audit import shards_of, verify_installation
from operator_push.store.lease_rows import TREASURY_SHARD, give_back, take_slice
from operator_push.store.ledger_audit import verify_ledger
from operator_push.store.seal_rows import LedgerChain, seal_anew

SHOP, ABROAD = 1, 2
_LEASED, _AVAILABLE = int(LedgerAccount.LEASED), int(LedgerAccount.AVAILABLE)


def paid_in(connection: Connection, shard: int, account_no: int, currency: str = "INR") -> None:
    changes, balances = Changes(), Balances(shard, currency)
    reference = IdSequence(shard).next_id(NOON_US + account_no)
    add_transfers(changes, balances.top_up(account_no, reference, 1_000, NOON_US).transfers)
    write_batch(connection, changes, shard)


def filled(database: Database) -> Database:
    """1,000 micros of an account on shard 9, of which shard 3 has 300 lent; other money on shard 4."""
    ids = IdSequence(9)
    chain = LedgerChain

    def lend(connection: Connection) -> None:
        paid_in(connection, 9, SHOP)
        paid_in(connection, 4, ABROAD, "USD")
        paid_by = ids.next_id(NOON_US + 10)
        assert give_back(connection, chain(9), 9, SHOP, 1_000, paid_by, "INR", NOON_US) == 1_000
        assert take_slice(connection, chain(3), 3, SHOP, 1, 300, ids.next_id(NOON_US), "INR", NOON_US) == 300

    database.run(lend)
    return database


def test_all_shards_and_the_treasury_are_proved_together(database: Database) -> None:
    proof, shards = filled(database).read(verify_installation)
    assert (proof.ok, proof.first_error, proof.imbalance_micros) == (True, None, 0)
    assert shards == [3, 4, 9, TREASURY_SHARD]
    assert (proof.postings, proof.accounts) == (6, 2)
    assert proof.currencies == {SHOP: "INR", ABROAD: "USD"}
    assert proof.total(LedgerAccount.AVAILABLE, "INR") == proof.total(LedgerAccount.AVAILABLE, "USD") == 1_000
    assert proof.total(LedgerAccount.LEASED, "INR") == 0


def test_an_empty_store_holds(database: Database) -> None:
    proof, shards = database.read(verify_installation)
    assert (proof.ok, proof.postings, shards) == (True, 0, [])


def test_one_shard_alone_is_proved_where_it_is_asked_for(database: Database) -> None:
    proof, shards = filled(database).read(lambda connection: verify_installation(connection, shards=[3]))
    assert (proof.ok, proof.postings, shards) == (True, 1, [3])  # its slice is on another book: not asked
    assert proof.total(LedgerAccount.LEASED) == -300


def change_a_balance(connection: Connection) -> None:
    row = schema.balance.c
    mine = (row.shard == TREASURY_SHARD, row.side == _AVAILABLE)
    connection.execute(update(schema.balance).where(*mine).values(amount_micros=701))


def lose_a_shard(connection: Connection) -> None:
    for table in (schema.balance, schema.ledger_transfer, schema.ledger_seal):
        connection.execute(delete(table).where(table.c.shard == 3))


def change_a_currency(connection: Connection) -> None:
    rows = schema.ledger_transfer
    connection.execute(update(rows).where(rows.c.shard == 3).values(currency="USD"))
    seal_anew(connection, 3)


@pytest.mark.parametrize(
    ("change", "said", "micros"),
    [
        (change_a_balance, "treasury: balance (shard 256, account_no 1, side 1): the stored balance of", 1),
        (lose_a_shard, "account 1: 300 micros are leased over all shards, not 0", 300),
        (change_a_currency, "shard 9: account 1 is in INR, elsewhere in USD", 0),
    ],
)
def test_what_is_wrong_is_named_with_its_shard(
    database: Database, change: Callable[[Connection], None], said: str, micros: int
) -> None:
    filled(database).run(change)
    proof, _ = database.read(verify_installation)
    assert not proof.ok
    assert str(proof.first_error).startswith(said)
    assert proof.imbalance_micros == micros


def test_the_shards_are_those_with_rows(database: Database) -> None:
    database.run(lambda connection: paid_in(connection, 200, SHOP))
    database.run(lambda connection: paid_in(connection, 0, SHOP))
    assert database.read(shards_of) == [0, 200]


def test_a_shard_whose_head_was_given_away_is_asked_for_though_nothing_is_left_of_it(
    database: Database,
) -> None:
    filled(database).run(lose_a_shard)
    asked: list[int] = []

    def prove(connection: Connection, shard: int) -> LedgerProof:
        asked.append(shard)
        return verify_ledger(connection, shard, {1: (bytes(32), "a head")} if shard == 7 else None)

    proof, shards = database.read(lambda connection: verify_installation(connection, prove, expected=[7]))
    assert shards == asked == [4, 7, 9, TREASURY_SHARD]
    assert str(proof.first_error).startswith("shard 7: ledger_seal")
