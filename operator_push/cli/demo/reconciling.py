"""Reconciling a run: our rows, our ledger and the simulator's closed CDR files, and the exports of them."""

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from operator_push.cli.demo.pair import Pair
from operator_push.cli.demo.settings_files import SMSC_SYSTEM_ID
from operator_push.cli.demo.workspace import Installation
from operator_push.services.reconcile import Reconciliation, SmscRecord, read_smsc_cdr, reconcile
from operator_push.store.database import Database
from operator_push.store.exports import export_ledger, export_messages, join_smsc_cdr
from operator_push.store.plain_rows import PlainRows

SHARD = 0
EXPORT_KEY_OCTETS = 32
FINDINGS_BATCH = 500


def reconcile_closed(installation: Installation, until_us: int | None = None) -> Reconciliation:
    """Join everything up to the end of the last closed period, by default all that there is.

    To be called where the simulator said, before its period was closed, that no message of it was open: only
    then does absence from its files mean that a submit_sm never arrived.
    """
    database = Database.open(f"sqlite:///{installation.database}")
    try:
        return database.read(
            lambda connection: reconcile(
                PlainRows(connection, SHARD),
                _records(installation.closed_cdr_files()),
                closed=True,
                until_us=until_us,
                system_ids={SMSC_SYSTEM_ID},
            )
        )
    finally:
        database.close()


def close_and_reconcile(pair: Pair) -> Reconciliation:
    """Have the simulator close its period, then join."""
    until_us = time.time_ns() // 1000
    pair.close_cdr_period()
    return reconcile_closed(pair.installation, until_us)


def resolve(pair: Pair, reconciliation: Reconciliation) -> dict[str, int]:
    """Tell the running product what the closed period says about its unknown segments; counts by kind."""
    counts: dict[str, int] = {}
    findings = [finding.as_json() for finding in reconciliation.findings]
    for first in range(0, len(findings), FINDINGS_BATCH):
        answer = pair.control.call("reconcile.resolve", findings=findings[first : first + FINDINGS_BATCH])
        for kind, count in answer.items():
            counts[kind] = counts.get(kind, 0) + int(count)
    return counts


def write_exports(installation: Installation, folder: Path) -> dict[str, int]:
    """messages.csv, ledger.csv and smsc_cdr.csv; returns their rows."""
    database = Database.open(f"sqlite:///{installation.database}")
    # Thrown away with this call: the pseudonyms of an export mean nothing outside it.
    key = secrets.token_bytes(EXPORT_KEY_OCTETS)
    try:
        return {
            "messages.csv": database.read(
                lambda connection: export_messages(connection, SHARD, folder / "messages.csv", key)
            ),
            "ledger.csv": database.read(
                lambda connection: export_ledger(connection, SHARD, folder / "ledger.csv")
            ),
            "smsc_cdr.csv": join_smsc_cdr(installation.closed_cdr_files(), folder / "smsc_cdr.csv"),
        }
    finally:
        database.close()


def _records(files: list[Path]) -> Iterator[SmscRecord]:
    for path in files:
        with path.open(encoding="utf-8", newline="") as lines:
            yield from read_smsc_cdr(lines, path.name)
