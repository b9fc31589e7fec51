"""A store as it stands before the load: one account with money, and subscribers who permitted its messages.

Written through the product's own rooms (vault, ledger, rows), so that a start reads it back like any other.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg

from operator_push.bootstrap.program import pseudonym_key
from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.facts import PolicyFacts
from operator_push.domain.ledger import Balances
from operator_push.gateway.passwords import hash_password
from operator_push.kernel.ids import IdSequence
from operator_push.services.changes import Changes
from operator_push.services.manage_accounts import ManageAccounts
from operator_push.services.manage_permission import consent_row
from operator_push.services.registry import Registry
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch
from operator_push.store.migrate import upgrade
from operator_push.vault.vault import Vault

ACCOUNT, PASSWORD = "bench", "measured"
FIRST_MSISDN = 919_800_000_000
SHARD = 0
BINDS_MAX = 1_000  # as many as the product takes unless told otherwise
WINDOW_MAX = 10_000
PREPAID_MICROS = 10**15
BATCH_ROWS = 20_000
CURRENCY = "INR"


def prepare_store(url: str, data_dir: Path, subscribers: int) -> None:
    """Fill an empty database: the account, and `subscribers` numbers in a row with a grant of marketing each.

    The pseudonym key is made in `data_dir`; whoever copies the database takes that folder along.
    """
    upgrade(url)
    vault = Vault(pseudonym_key(data_dir), SHARD)
    database = Database.open(url)
    copy = _copies(url) if url.startswith("postgresql") else None
    try:
        for changes in _batches(vault, subscribers):
            if copy is not None:
                copy(changes)
            database.run(lambda connection, rows=changes: write_batch(connection, rows, SHARD))
    finally:
        database.close()


def _copies(url: str) -> Callable[[Changes], None]:
    """Takes the many rows out of changes and writes them by COPY, four times as fast as INSERT."""

    async def copy(changes: Changes) -> None:
        connection = await asyncpg.connect(url)
        try:
            for table in ("vault_subscriber", "consent_event"):
                rows = getattr(changes, table)
                await connection.copy_records_to_table(table, records=rows)
                rows.clear()
        finally:
            await connection.close()

    return lambda changes: asyncio.run(copy(changes))


def _batches(vault: Vault, subscribers: int) -> Iterator[Changes]:
    ids, now_us = IdSequence(SHARD), time.time_ns() // 1000
    registry = Registry()
    accounts = ManageAccounts(registry, PolicyFacts(), Balances(SHARD, CURRENCY), ids, {})
    changes = Changes()
    asked = {"name": ACCOUNT, "max_binds": BINDS_MAX, "window": WINDOW_MAX, "prepaid_micros": PREPAID_MICROS}
    account = accounts.add(asked, hash_password(PASSWORD), now_us, changes)
    yield changes
    evidence = Evidence("web", "benchmark")
    for first in range(0, subscribers, BATCH_ROWS):
        changes = Changes()
        wanted = range(FIRST_MSISDN + first, FIRST_MSISDN + min(first + BATCH_ROWS, subscribers))
        enrolment = vault.enrol(map(str, wanted), now_us)
        changes.vault_subscriber.extend(enrolment.rows)
        for number in enrolment.numbers:
            grant = ConsentEvent(
                number, account.brand_no, 0, Purpose.MARKETING, "sms", ConsentAction.GRANT, now_us, evidence
            )
            changes.consent_event.append(consent_row(SHARD, ids.next_id(now_us), grant))
        yield changes
