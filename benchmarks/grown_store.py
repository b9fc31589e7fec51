"""A store that has lived: millions of finished messages before the measured ones, on SQLite.

A few thousand messages go through the product itself; their rows, exactly as the product wrote them, are then
copied again and again to earlier moments of the last days: ids, days and moments move, sequences and SMSC ids
stay distinct, balances move by the sum of the copied transfers, the chain is made anew. So a start accepts
the store and `operator-push ledger verify` holds. Nothing here runs in the product.
"""

import sqlite3
from pathlib import Path

from operator_push.domain.ledger import LedgerAccount, TransferKind
from operator_push.kernel.ids import ID_EPOCH_MS
from operator_push.store.database import Database
from operator_push.store.seal_rows import seal_anew

SHARD = 0
DAYS = 20  # over which the copies are spread, so that a day holds a twentieth of them
_DAY_MS = 86_400_000
_ID_SHIFT = 22  # milliseconds stand above the 22 bits of shard and counter (kernel.ids)

# Table → its columns that are ids, moments, and others that must stay distinct. The first id tells the day.
_IDS = {
    "message": ("message_id",),
    "attempt": ("message_id",),
    "submit_result": ("message_id",),
    "segment_outcome": ("message_id",),
    "message_final": ("message_id", "receipt_id"),
    "ledger_transfer": ("reference",),
    "esme_delivery": ("delivery_id", "message_id"),
    "esme_delivery_ack": ("delivery_id",),
}


def grow(database_file: Path, messages: int, days: int = DAYS) -> int:
    """Copy the finished messages of a store that nobody has open until it holds about `messages`.

    Returns how many it holds. The store must have finished messages and none that is open.
    """
    store = sqlite3.connect(database_file, isolation_level=None)
    try:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "temp_store=MEMORY", "cache_size=-200000"):
            store.execute(f"PRAGMA {pragma}").fetchall()
        (template,) = store.execute("SELECT count(*) FROM message").fetchone()
        copies = max(0, round(messages / template) - 1)
        _number_last(store, copies)
        statements = [_copying(store, table) for table in _IDS]
        step_ms = days * _DAY_MS // max(1, copies)
        store.execute("BEGIN")
        for copy in range(copies):
            earlier_ms = (copies - copy) * step_ms
            values = {
                "ids": earlier_ms << _ID_SHIFT,
                "us": earlier_ms * 1000,
                "sequence": (copies - copy) * template,
                "copy": copy,
            }
            for statement in statements:
                store.execute(statement, values)
        _move_balances(store, copies)
        store.execute("COMMIT")
        store.execute("PRAGMA journal_mode=WAL").fetchall()
    finally:
        store.close()
    database = Database.open(f"sqlite:///{database_file}")
    try:
        database.run(lambda connection: seal_anew(connection, SHARD))
    finally:
        database.close()
    return int(template * (copies + 1))


def _number_last(store: sqlite3.Connection, copies: int) -> None:
    """The messages that are there stay the newest: their sequences leave room below for the copies'."""
    store.execute(
        "UPDATE message_final SET sequence = sequence + ? * (SELECT count(*) FROM message)", (copies,)
    )


def _copying(store: sqlite3.Connection, table: str) -> str:
    """Keep the rows as they are now in memory; the statement that writes them once more, earlier."""
    ids = _IDS[table]
    only = f"WHERE kind <> {int(TransferKind.TOP_UP)}" if table == "ledger_transfer" else ""
    store.execute(f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table} {only}")
    values = []
    for _, column, *_ in store.execute(f"PRAGMA table_info({table})").fetchall():
        if column == "day":
            values.append(_day_of(ids[0]))
        elif column == "receipt_id":  # it is of the day of its message, or not in its row
            values.append(f"CASE WHEN {_day_of(column)} = {_day_of(ids[0])} THEN {column} - :ids ELSE 0 END")
        elif column in ids:
            values.append(f"{column} - :ids")
        elif column in ("at_us", "sent_us"):
            values.append(f"CASE WHEN {column} = 0 THEN 0 ELSE {column} - :us END")
        elif column == "sequence":
            values.append("sequence - :sequence")
        elif column == "smsc_message_id":
            values.append("CASE WHEN smsc_message_id = '' THEN '' ELSE :copy || '-' || smsc_message_id END")
        else:
            values.append(column)
    return f"INSERT INTO {table} SELECT {', '.join(values)} FROM kept_{table}"


def _day_of(column: str) -> str:
    return f"((({column} - :ids) >> {_ID_SHIFT}) + {ID_EPOCH_MS}) / {_DAY_MS}"


def _move_balances(store: sqlite3.Connection, copies: int) -> None:
    """What the copied transfers have moved between the sides of each account."""
    for side in LedgerAccount:
        store.execute(
            "UPDATE balance SET amount_micros = amount_micros + :copies * coalesce((SELECT sum("
            "  CASE WHEN kept.credit = :side THEN kept.amount_micros ELSE 0 END"
            "  - CASE WHEN kept.debit = :side THEN kept.amount_micros ELSE 0 END)"
            " FROM kept_ledger_transfer AS kept WHERE kept.account_no = balance.account_no), 0)"
            " WHERE side = :side",
            {"copies": copies, "side": int(side)},
        )
