"""Numbers without gaps where processes issue at once, and one is killed between its number and its commit."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from invoice_room import ACCOUNT, Charged
from sqlalchemy import select
from store_rows import NOON_US

from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.invoice_proof import invoice_errors

ACCOUNTS = (ACCOUNT, "tea")
PERIODS, HANGS_AT = 8, 5

# Issues the invoice of every account and period, whoever else does; with a third argument it stops for ever
# once it has taken that serial.
ISSUER = """
import sys, time
from invoice_room import HOUR_US, TERMS
from store_rows import NOON_US
from operator_push.kernel.errors import OperatorError
from operator_push.services.issue_invoices import issue_invoice
from operator_push.store import invoice_rows
from operator_push.store.database import Database

url, names, periods, hangs_at = sys.argv[1], sys.argv[2].split(","), int(sys.argv[3]), int(sys.argv[4])
numbered = invoice_rows.numbered

def hanging(draft, series, serial, *rest):
    if serial == hangs_at:
        print("has its number", flush=True)
        time.sleep(600)
    return numbered(draft, series, serial, *rest)

invoice_rows.numbered = hanging
store = invoice_rows.StoredInvoices(Database.open(url))
print("begins", flush=True)
for place in range(1, periods + 1):
    for name in names:
        until_us = NOON_US + place * HOUR_US
        try:
            issue_invoice(store, name, TERMS, until_us, until_us + 1, "ann")
        except OperatorError as error:
            if "has invoices until" not in str(error):
                raise
print("done", flush=True)
"""


@contextmanager
def issuer(url: str, hangs_at: int = 0) -> "Iterator[subprocess.Popen[str]]":
    """A process of its own, which never outlives the test."""
    words = [sys.executable, "-c", ISSUER, url, ",".join(ACCOUNTS), str(PERIODS), str(hangs_at)]
    tests = str(Path(__file__).parents[1])
    env = os.environ | {"PYTHONPATH": tests}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=env) as process:
        try:
            yield process
        finally:
            process.kill()


def says(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdout is not None
    assert process.stdout.readline().strip() == line


def test_a_kill_between_number_and_commit_leaves_no_gap(
    open_store: Callable[[], Database], store_url: str
) -> None:
    database = open_store()
    for account_no, name in enumerate(ACCOUNTS, start=1):
        room = Charged(account_no)
        database.run(lambda connection, room=room, name=name: room.account(connection, name))
        accepted_us = NOON_US + account_no * 5_000
        database.run(
            lambda connection, room=room, at_us=accepted_us: room.message(connection, accepted_us=at_us)
        )
    with issuer(store_url, HANGS_AT) as dying:
        says(dying, "begins")
        says(dying, "has its number")
        # It holds the series' row, in a transaction that will not be committed; the others wait behind it.
        with issuer(store_url) as other, issuer(store_url) as third:
            says(other, "begins")
            os.kill(dying.pid, signal.SIGKILL)
            for process in (other, third):
                out, _ = process.communicate(timeout=60)
                assert (process.returncode, out.splitlines()[-1]) == (0, "done")
    row = schema.invoice_document.c
    found = database.read(
        lambda connection: connection.execute(
            select(row.serial, row.account_no, row.until_us).order_by(row.serial)
        ).all()
    )
    assert [serial for serial, _, _ in found] == list(range(1, len(ACCOUNTS) * PERIODS + 1))
    assert len({(account, until) for _, account, until in found}) == len(found)
    assert database.read(lambda connection: list(invoice_errors(connection))) == []
