"""The running server reconciles yesterday by itself: reports, cases, and what was unknown is settled."""

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from operator_desk import PRICE_MICROS, story
from product import Programs, until
from proof_sample import attempt, transfer
from sqlalchemy import Connection
from store_rows import SHARD, message_row, row

from operator_push.domain.transfers import LedgerAccount, TransferKind
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.instants import MICROS_PER_DAY, day_of, iso
from operator_push.services.smsc_cdr import SMSC_CDR_COLUMNS
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.migrate import upgrade
from operator_push.store.statements import insert_rows

RECIPIENT, REFERENCE = "919812345678", 7
SETTINGS = """
[reconciliation]
cdr_folder = "cdr"
starts_after_s = 0
look_every_s = 1
complete = true
"""


def test_yesterday_is_reconciled_once_its_files_have_come(tmp_path: Path) -> None:
    programs = Programs(tmp_path, more=SETTINGS)
    noon_us = (day_of(time.time_ns() // 1000) - 1) * MICROS_PER_DAY + MICROS_PER_DAY // 2
    message_id = _unanswered(tmp_path, noon_us)
    folder = tmp_path / "cdr"
    folder.mkdir()
    try:
        programs.start_simulator()
        programs.start_product()
        assert story(programs, message_id)["segments"][0]["state"] == "UNKNOWN"
        _write_cdr(folder / "smsc_cdr_1.csv", noon_us)
        day = datetime.fromtimestamp(noon_us / 1_000_000, UTC).date().isoformat()
        report = tmp_path / "reconciliation" / day / "report.json"
        until(report.exists, "the report of yesterday", 60)
        until(
            lambda: story(programs, message_id)["segments"][0]["state"] == "DELIVERED", "the end from the CDR"
        )
        assert {file.name for file in report.parent.iterdir()} == FILES
        told = json.loads(report.read_text())
        assert (told["messages"], told["segments_smsc"]) == (1, 2)
        account = programs.call("account.show", name="chai")["account"]
        assert (account["held_micros"], account["available_micros"]) == (0, 9 * PRICE_MICROS)
        log = tmp_path / "operator-push.log"
        until(lambda: f"reconciled {day}" in log.read_text(), "the log line")
        assert "'found': 1" in log.read_text()
    finally:
        programs.stop()


FILES = {"report.json", "report.csv", "classes.csv", "report.html"}


def _unanswered(folder: Path, at_us: int) -> int:
    """A store with one message of that moment whose only attempt nobody answered; its id."""
    ids = IdSequence(SHARD)
    top_up, message_id = ids.next_id(at_us), ids.next_id(at_us)
    url = f"sqlite:///{folder / 'operator-push.db'}"
    upgrade(url)
    balances = {
        LedgerAccount.AVAILABLE: 9 * PRICE_MICROS,
        LedgerAccount.HELD: PRICE_MICROS,
        LedgerAccount.FUNDING: -10 * PRICE_MICROS,
    }
    rows = {
        "account": [
            row(
                schema.account,
                account_no=1,
                name="chai",
                kind="esme",
                currency="INR",
                allowed_sources="[]",
                terms="{}",
                traffic_class=1,
                active=True,
            )
        ],
        "smsc_link": [row(schema.smsc_link, link_no=1, name="main")],
        "message": [message_row(message_id, destination=RECIPIENT)],
        "attempt": [attempt(message_id, 1, user_message_reference=REFERENCE, at_us=at_us)],
        "ledger_transfer": [
            transfer(top_up, TransferKind.TOP_UP, 10 * PRICE_MICROS),
            transfer(message_id, TransferKind.HOLD, PRICE_MICROS),
        ],
        "balance": [
            row(schema.balance, shard=SHARD, account_no=1, side=int(side), amount_micros=amount)
            for side, amount in balances.items()
        ],
    }

    def fill(connection: Connection) -> None:
        for table, some in rows.items():
            insert_rows(connection, schema.metadata.tables[table], some)

    database = Database.open(url)
    try:
        database.run(fill)
    finally:
        database.close()
    return message_id


def _write_cdr(file: Path, at_us: int) -> None:
    """The SMSC delivered it; and one message more under our name."""
    lines = [
        f"{number},gateway,CHAI,{recipient},{REFERENCE},{iso(at_us)},{iso(at_us + 1)},DELIVERED,0,0,5,,,"
        for number, recipient in ((1, RECIPIENT), (2, "4412345678"))
    ]
    part = file.with_suffix(".part")
    part.write_text("\n".join([",".join(SMSC_CDR_COLUMNS), *lines]) + "\n")
    written = time.time() - 120  # quiet since
    os.utime(part, (written, written))
    part.rename(file)
