"""A stored ledger with one thing changed, whatever it is: `ledger verify` says so and names the row."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from proof_sample import PRICE, add_whole, fill, transfer
from sqlalchemy import Connection, select
from sqlalchemy.exc import DatabaseError, IntegrityError
from store_rows import SHARD, ids

from operator_push.domain.ledger import TransferKind
from operator_push.services.changes import Changes
from operator_push.store import migrate, schema
from operator_push.store.archive_reading import opened_file
from operator_push.store.database import Database
from operator_push.store.facts import posting_rows
from operator_push.store.hot_rows import move_balances, write_batch
from operator_push.store.ledger_audit import verify_ledger
from operator_push.store.seal_rows import seal_anew

PAGE_OCTETS = 4096
COLUMNS = {
    "shard": st.integers(1, 255),
    "day": st.integers(0, 2**31 - 1),
    "reference": st.integers(-(2**63), 2**63 - 1),
    "kind": st.integers(-(2**15), 2**15 - 1),
    "account_no": st.integers(-(2**63), 2**63 - 1),
    "debit": st.integers(-(2**15), 2**15 - 1),
    "credit": st.integers(-(2**15), 2**15 - 1),
    "amount_micros": st.integers(-(2**63), 2**63 - 1),
    "currency": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4),
    "at_us": st.integers(-(2**63), 2**63 - 1),
}
ANYTHING = st.one_of(st.text("xyz", min_size=1, max_size=3), st.binary(max_size=3), st.floats(0.1, 0.9))
LEDGER_TABLES = ("ledger_transfer", "ledger_seal", "balance")


class UndoneError(Exception):
    """Ends a transaction that only tried something."""


def sealed_store(path: Path) -> Path:
    """The sample in one seal, and commits of a top-up each."""
    migrate.upgrade(f"sqlite:///{path}")
    database = Database.open(f"sqlite:///{path}")

    def begin(connection: Connection) -> None:
        fill(connection)
        add_whole(connection)
        move_balances(connection, SHARD, {(1, 1): -3 * PRICE, (1, 3): 3 * PRICE})
        seal_anew(connection, SHARD)
        for reference in ids(60)[30:]:
            changes = Changes(ledger_transfer=[transfer(reference, TransferKind.TOP_UP, PRICE)])
            changes.balance_micros.update({(1, 1): PRICE, (1, 4): -PRICE})
            write_batch(connection, changes, SHARD)

    database.run(begin)
    database.close()
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("PRAGMA journal_mode=DELETE").fetchall()
    return path


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sealed_store(tmp_path_factory.mktemp("sealed") / "store.db")


def ledger_of(connection: Connection) -> list[list[Any]]:
    tables = (schema.metadata.tables[name] for name in LEDGER_TABLES)
    return [
        connection.execute(select(table).order_by(*table.primary_key.columns)).fetchall() for table in tables
    ]


def test_the_untouched_ledger_holds(original: Path) -> None:
    with opened_file(original) as connection:
        proof = verify_ledger(connection, SHARD)
    assert (proof.ok, proof.postings, proof.first_error) == (True, 40, None)


@settings(max_examples=200)
@given(st.data())
def test_one_changed_column_of_one_posting_is_named(trial: Database, data: st.DataObject) -> None:
    def change(connection: Connection) -> None:
        rows = list(posting_rows(connection, SHARD))
        row = rows[data.draw(st.integers(0, len(rows) - 1))]
        column = data.draw(st.sampled_from(sorted(COLUMNS)))
        value = data.draw(st.one_of(COLUMNS[column], ANYTHING))
        try:
            connection.exec_driver_sql(
                f"UPDATE ledger_transfer SET {column} = ? WHERE reference = ? AND kind = ?",
                (value, *row[2:4]),
            )
        except IntegrityError:
            raise UndoneError from None
        changed = list(posting_rows(connection, SHARD)) != rows
        proof = verify_ledger(connection, SHARD)
        assert proof.ok is not changed
        assert not changed or f"reference {row[2]}, kind {row[3]})" in str(proof.first_error)
        raise UndoneError

    with pytest.raises(UndoneError):
        trial.run(change)


@pytest.fixture(scope="module")
def trial(original: Path) -> Iterator[Database]:
    copied = original.with_name("trial.db")
    shutil.copy(original, copied)
    database = Database.open(f"sqlite:///{copied}")
    yield database
    database.close()


@settings(max_examples=150)
@given(place=st.integers(0), to=st.integers(1, 255))
@example(place=0, to=255)
def test_one_changed_octet_of_the_ledgers_pages_is_found(original: Path, place: int, to: int) -> None:
    """Whatever the octet means to SQLite: where it changes what the ledger holds, that is told."""
    with closing(sqlite3.connect(original)) as rows:
        marks = ", ".join("?" * len(LEDGER_TABLES))
        statement = f"SELECT rootpage FROM sqlite_master WHERE name IN ({marks}) ORDER BY rootpage"
        pages = [page for (page,) in rows.execute(statement, LEDGER_TABLES)]
    octets = bytearray(original.read_bytes())
    page, within = divmod(place % (len(pages) * PAGE_OCTETS), PAGE_OCTETS)
    octets[(pages[page] - 1) * PAGE_OCTETS + within] ^= to
    harmed = original.with_name("harmed.db")
    harmed.write_bytes(octets)
    try:
        with opened_file(harmed) as connection:
            if verify_ledger(connection, SHARD).ok:
                with opened_file(original) as sound:
                    assert ledger_of(connection) == ledger_of(sound)
    except DatabaseError as error:
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
