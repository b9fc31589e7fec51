"""Leases: a slice is on the books of exactly one shard, and the treasury lends only what it has."""

import sys
from pathlib import Path

from store_rows import NOON_US

from operator_push.domain.ledger import Balances
from operator_push.domain.ledger_proof import verify
from operator_push.domain.transfers import LedgerAccount
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.services.changes import Changes
from operator_push.services.ledger_rows import add_hold, add_transfers
from operator_push.store import facts
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.lease_rows import TREASURY_SHARD, give_back, leases_open, reclaim, take_slice
from operator_push.store.seal_rows import LedgerChain

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

import one_account

ACCOUNT = 1


class Books:
    """A treasury with 1,000 micros of account 1, paid in on the books of shard 9."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ids = IdSequence(9)
        changes = Changes()
        paid = Balances(9).top_up(ACCOUNT, self.ids.next_id(NOON_US), 1_000, NOON_US)
        add_transfers(changes, paid.transfers)
        database.run(lambda connection: write_batch(connection, changes, 9))
        assert self.give_back(9, 1_000) == 1_000

    def take(self, shard: int, need: int, size: int) -> int:
        reference = self.ids.next_id(NOON_US)
        return self.database.run(
            lambda connection: take_slice(
                connection, LedgerChain(shard), shard, ACCOUNT, need, size, reference, "INR", NOON_US
            )
        )

    def give_back(self, shard: int, micros: int) -> int:
        reference = self.ids.next_id(NOON_US)
        return self.database.run(
            lambda connection: give_back(
                connection, LedgerChain(shard), shard, ACCOUNT, micros, reference, "INR", NOON_US
            )
        )

    def available(self, *shards: int) -> list[int]:
        """What each shard has; every ledger is proved, and leases come to zero over them."""

        def read(shard: int) -> int:
            proof = self.database.read(
                lambda connection: verify(
                    facts.transfers(connection, shard), facts.balances(connection, shard)
                )
            )
            assert proof.ok, proof.first_error
            return proof.balances.get((ACCOUNT, LedgerAccount.AVAILABLE), 0)

        assert self.database.read(leases_open) == {}
        return [read(shard) for shard in shards]


def test_the_treasury_lends_what_is_needed_a_slice_or_what_is_left(database: Database) -> None:
    books = Books(database)
    assert books.take(0, 1, 300) == 300
    assert books.take(1, 500, 300) == 500
    assert books.take(2, 201, 300) == 0
    assert books.take(2, 200, 300) == 200
    assert books.take(2, 1, 300) == 0
    assert books.available(0, 1, 2, 9, TREASURY_SHARD) == [300, 500, 200, 0, 0]


def test_what_is_not_used_goes_back_and_no_more(database: Database) -> None:
    books = Books(database)
    books.take(0, 1, 300)
    assert books.give_back(0, 120) == 120
    assert books.give_back(0, 999) == 180
    assert books.give_back(0, 1) == 0
    assert books.available(0, TREASURY_SHARD) == [0, 1_000]


def test_slices_of_an_owner_that_is_gone_are_reclaimed_save_what_it_holds(database: Database) -> None:
    books = Books(database)
    books.take(3, 1, 300)
    changes, message = Changes(), IdSequence(3).next_id(NOON_US)
    add_hold(changes, (3, id_day(message), message), ACCOUNT, 100, "INR", NOON_US)
    database.run(lambda connection: write_batch(connection, changes, 3))
    assert database.run(lambda connection: reclaim(connection, 3, books.ids, lambda _: "INR", NOON_US)) == {
        ACCOUNT: 200
    }
    assert database.run(lambda connection: reclaim(connection, 3, books.ids, lambda _: "INR", NOON_US)) == {}
    assert books.available(3, TREASURY_SHARD) == [0, 900]


def test_sixteen_processes_spend_one_account_exactly(
    empty_postgresql_url: str,
) -> None:
    """The full size, 10,000 holds each, is benchmarks/one_account.py."""
    figures = one_account.run(one_account.Asked(empty_postgresql_url, processes=16, holds=80))
    assert figures["wrong"] == []
    assert figures["overdrawn"] > 0
    assert figures["settled_micros"] + figures["available_micros"] == figures["funded_micros"]
