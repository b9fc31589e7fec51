"""One account, many processes: each owns a shard, and all of them spend the same prepaid money.

    python benchmarks/one_account.py [--processes 16] [--holds 10000] [--database URL]

The money lies in the treasury and covers half of what is asked for, so it runs out midway. Each process
leases slices, holds, settles or releases, and commits like the product does; at the end the ledger of every
shard is proved from its rows. Without a URL a PostgreSQL of its own is started. Prints one JSON line; exit
status 1 where a micro is lost, spent twice or overdrawn.
"""

import argparse
import json
import multiprocessing
import random
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from operator_push.domain.ledger import Balances, LedgerStatus, TransferKind
from operator_push.domain.ledger_proof import verify
from operator_push.domain.purses import Purse
from operator_push.domain.transfers import LedgerAccount
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.services.changes import Changes
from operator_push.services.ledger_rows import add_hold, add_settlement, add_transfers
from operator_push.store import facts, migrate
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.lease_rows import TREASURY_SHARD, give_back, leases_open, take_slice
from operator_push.store.seal_rows import LedgerChain

ACCOUNT = 1
PRICE_MICROS = 100_000
SLICE_SEGMENTS = 40
BATCH = 50  # holds a commit, about what a busy gateway gathers
FUNDING_SHARD = 200  # whoever took the payment; it owns no traffic here
CURRENCY = "INR"


@dataclass(frozen=True)
class Asked:
    """What one run is asked to do."""

    url: str
    processes: int
    holds: int

    @property
    def funded_micros(self) -> int:
        """Money for half of the holds."""
        return self.processes * self.holds // 2 * PRICE_MICROS


@dataclass
class Owner:
    """What the owner of one shard has counted."""

    held: int = 0
    overdrawn: int = 0
    settled_micros: int = 0
    leases: int = 0


def spend(asked: Asked, shard: int) -> Owner:
    """One process: hold, settle, release and give back, as the owner of `shard`."""
    database = Database.open(asked.url)
    ids, chain, counted = IdSequence(shard), LedgerChain(shard), Owner()
    balances, chance = Balances(shard), random.Random(shard)
    balances.purses[ACCOUNT] = Purse(ACCOUNT, lease_slice_micros=SLICE_SEGMENTS * PRICE_MICROS)

    def short(payer_no: int, missing_micros: int) -> bool:
        at_us = _now_us()
        reference, size = ids.next_id(at_us), SLICE_SEGMENTS * PRICE_MICROS
        micros = database.run(
            lambda connection: take_slice(
                connection, chain, shard, payer_no, missing_micros, size, reference, CURRENCY, at_us
            )
        )
        balances.lent(payer_no, micros)
        counted.leases += micros > 0
        return micros > 0

    balances.on_short = short
    waiting: list[int] = []
    left = asked.holds
    while left or waiting:
        changes, at_us = Changes(), _now_us()
        for _ in range(min(BATCH, left)):
            left -= 1
            reference = ids.next_id(at_us)
            if balances.place_hold(ACCOUNT, reference, PRICE_MICROS) is LedgerStatus.HELD:
                key = (shard, id_day(reference), reference)
                add_hold(changes, key, ACCOUNT, PRICE_MICROS, CURRENCY, at_us)
                waiting.append(reference)
                counted.held += 1
            else:
                counted.overdrawn += 1
        chance.shuffle(waiting)
        for _ in range(len(waiting) if not left else len(waiting) // 2):
            reference = waiting.pop()
            settled = PRICE_MICROS if chance.random() < 0.8 else 0
            for _copy in range(2):  # the second is a late copy of the first
                status = balances.resolve_hold(ACCOUNT, reference, PRICE_MICROS, settled)
                if status is LedgerStatus.SETTLED:
                    key = (shard, id_day(reference), reference)
                    released = PRICE_MICROS - settled
                    add_settlement(changes, key, ACCOUNT, settled, released, CURRENCY, at_us)
                    counted.settled_micros += settled
        database.run(_writing(changes, shard, chain))
    _return_rest(database, balances, chain, shard, ids)
    database.close()
    return counted


def prove(database: Database, asked: Asked, owners: list[Owner]) -> dict[str, Any]:
    """The run's figures and every way in which they are wrong."""
    wrong: list[str] = []
    totals = dict.fromkeys(LedgerAccount, 0)
    for shard in (*range(asked.processes), FUNDING_SHARD, TREASURY_SHARD):
        proof = database.read(
            lambda connection, shard=shard: verify(  # type: ignore[misc]
                facts.transfers(connection, shard), facts.balances(connection, shard)
            )
        )
        if not proof.ok or proof.open_holds:
            wrong.append(f"shard {shard}: {proof.first_error or 'holds are open'}")
        for (_, side), micros in proof.balances.items():
            totals[side] += micros
    if leases := database.read(leases_open):
        wrong.append(f"leases do not come to zero: {leases}")
    settled = sum(owner.settled_micros for owner in owners)
    if totals[LedgerAccount.REVENUE] != settled:
        wrong.append(f"{settled} micros were settled, the rows have {totals[LedgerAccount.REVENUE]}")
    if totals[LedgerAccount.AVAILABLE] + settled != asked.funded_micros:
        left = totals[LedgerAccount.AVAILABLE]
        wrong.append(f"{left} micros are left and {settled} earned of {asked.funded_micros}")
    if not sum(owner.overdrawn for owner in owners):
        wrong.append("the money did not run out")
    return {
        "processes": asked.processes,
        "holds_each": asked.holds,
        "held": sum(owner.held for owner in owners),
        "overdrawn": sum(owner.overdrawn for owner in owners),
        "leases": sum(owner.leases for owner in owners),
        "settled_micros": settled,
        "available_micros": totals[LedgerAccount.AVAILABLE],
        "funded_micros": asked.funded_micros,
        "owners": [asdict(owner) for owner in owners],
        "wrong": wrong,
    }


def run(asked: Asked) -> dict[str, Any]:
    """Fund the account, let every process spend, and prove what is left."""
    migrate.upgrade(asked.url)
    database = Database.open(asked.url)
    try:
        _fund(database, asked)
        # Its children are forked from a process that has the modules and nothing else: no thread, no loop.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        began = time.monotonic()
        told = context.SimpleQueue()
        children = [
            context.Process(target=_spend_and_tell, args=(asked, shard, told))
            for shard in range(asked.processes)
        ]
        for child in children:
            child.start()
        owners = [_told(told.get()) for _ in children]
        for child in children:
            child.join()
        took_s = time.monotonic() - began
        return {**prove(database, asked, owners), "seconds": round(took_s, 1)}
    finally:
        database.close()


def _spend_and_tell(asked: Asked, shard: int, told: Any) -> None:
    try:
        told.put(spend(asked, shard))
    except BaseException as error:
        told.put(f"shard {shard}: {error!r}")
        raise


def _told(owner: Owner | str) -> Owner:
    if isinstance(owner, str):
        raise RuntimeError(owner)
    return owner


def _fund(database: Database, asked: Asked) -> None:
    ids, balances, changes, at_us = IdSequence(FUNDING_SHARD), Balances(FUNDING_SHARD), Changes(), _now_us()
    paid = balances.top_up(ACCOUNT, ids.next_id(at_us), asked.funded_micros, at_us)
    assert paid.transfers[0].kind is TransferKind.TOP_UP
    add_transfers(changes, paid.transfers)
    chain = LedgerChain(FUNDING_SHARD)
    database.run(_writing(changes, FUNDING_SHARD, chain))
    _return_rest(database, balances, chain, FUNDING_SHARD, ids)


def _return_rest(
    database: Database, balances: Balances, chain: LedgerChain, shard: int, ids: IdSequence
) -> None:
    micros, at_us = balances.available(ACCOUNT), _now_us()
    if not micros:
        return
    reference = ids.next_id(at_us)
    balances.lent(ACCOUNT, -micros)
    returned = database.run(
        lambda connection: give_back(connection, chain, shard, ACCOUNT, micros, reference, CURRENCY, at_us)
    )
    if returned != micros:
        raise RuntimeError(f"shard {shard}: {micros} micros in memory, {returned} on disk")


def _writing(changes: Changes, shard: int, chain: LedgerChain) -> Callable[[Any], None]:
    return lambda connection: write_batch(connection, changes, shard, chain)


def _now_us() -> int:
    return time.time_ns() // 1_000


def main() -> int:
    """The command; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--holds", type=int, default=10_000)
    parser.add_argument("--database")
    asked = parser.parse_args()
    if asked.database:
        figures = run(Asked(asked.database, asked.processes, asked.holds))
    else:
        from postgresql_server import PostgresqlServer

        server = PostgresqlServer()
        server.start()
        try:
            url = server.create_database("one_account")
            figures = run(Asked(url, asked.processes, asked.holds))
        finally:
            server.stop()
    print(json.dumps(figures))
    return 1 if figures["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
