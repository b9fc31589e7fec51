"""Ledger audit, on both databases: a sound ledger is proved, every harm to a row is told with its name."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from proof_sample import PRICE, TOP_UP, TWO, WAITS, fill, transfer
from sqlalchemy import Connection, Table, and_, select, update
from sqlalchemy.exc import DatabaseError
from store_rows import SHARD, ids

from operator_push.domain.ledger import LedgerProof, TransferKind
from operator_push.domain.ledger_papers import with_digest
from operator_push.domain.transfers import LEGS
from operator_push.kernel.ids import id_epoch_us
from operator_push.services.changes import Changes
from operator_push.services.correct_ledger import Correction
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.database_errors import DamagedStoreError
from operator_push.store.hot_rows import write_batch
from operator_push.store.ledger_audit import unreadable, verify_ledger
from operator_push.store.seal_rows import chain_tip
from operator_push.store.statements import insert_rows

HOLD, SETTLE, RELEASE = int(TransferKind.HOLD), int(TransferKind.SETTLE), int(TransferKind.RELEASE)
LATER = ids(40)[-1]


@pytest.fixture
def filled(database: Database) -> Database:
    """The sample, and three commits of one top-up each after it: a chain of four seals."""
    database.run(fill)
    for reference in ids(40)[30:33]:
        changes = Changes(ledger_transfer=[transfer(reference, TransferKind.TOP_UP, PRICE)])
        changes.move(1, 1, PRICE)
        changes.move(1, 4, -PRICE)
        database.run(lambda connection, changes=changes: write_batch(connection, changes, SHARD))
    return database


def proof_of(database: Database, **more: Any) -> LedgerProof:
    return database.read(lambda connection: verify_ledger(connection, SHARD, **more))


def harm(database: Database, statement: str) -> None:
    def work(connection: Connection) -> None:
        assert connection.exec_driver_sql(statement).rowcount > 0

    database.run(work)


def named(reference: int, kind: int) -> str:
    return f"reference {reference}, kind {kind}): "


def test_a_sound_ledger_is_proved(filled: Database) -> None:
    told: list[int] = []
    proof = proof_of(filled, progress=told.append)
    assert (proof.ok, proof.first_error, proof.errors, proof.imbalance_micros) == (True, None, 0, 0)
    assert (proof.postings, proof.accounts) == (11, 1)
    assert proof.open_holds_micros == 2 * PRICE
    assert told == []  # a sign of life only for large ledgers


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("amount_micros", "amount_micros + 1", f"amount_micros is {PRICE + 1}, was sealed as {PRICE}"),
        ("account_no", "2", "account_no is 2, was sealed as 1"),
        ("debit", "3", "debit is 3, was sealed as 2"),
        ("credit", "1", "credit is 1, was sealed as 3"),
        ("currency", "'INS'", "currency is 'INS', was sealed as 'INR'"),
        ("at_us", "at_us + 1", "at_us is "),
        ("day", "day + 1", "day is "),
        ("kind", "26", "kind is 26, was sealed as 3"),
        ("reference", "reference + 1", f"reference is {TWO + 1}, was sealed as {TWO}"),
        ("shard", "7", f"was sealed with {PRICE} micros 'INR' of account 1, and is gone"),
    ],
)
def test_any_changed_column_of_a_posting_is_named(
    filled: Database, column: str, value: str, words: str
) -> None:
    harm(
        filled,
        f"UPDATE ledger_transfer SET {column} = {value} WHERE reference = {TWO} AND kind = {SETTLE}",
    )
    proof = proof_of(filled)
    assert not proof.ok
    assert str(proof.first_error).startswith(f"ledger_transfer (shard {SHARD}, day ")
    assert named(TWO, SETTLE) in str(proof.first_error)
    assert words in str(proof.first_error)


def test_a_row_that_is_gone_is_named_though_balances_were_made_to_agree(filled: Database) -> None:
    harm(filled, f"DELETE FROM ledger_transfer WHERE reference = {ids(40)[31]}")
    harm(filled, f"UPDATE balance SET amount_micros = amount_micros - {PRICE} WHERE side = 1")
    harm(filled, f"UPDATE balance SET amount_micros = amount_micros + {PRICE} WHERE side = 4")
    proof = proof_of(filled)
    assert (proof.ok, proof.errors, proof.imbalance_micros) == (False, 1, PRICE)
    assert named(ids(40)[31], int(TransferKind.TOP_UP)) in str(proof.first_error)
    assert "is gone" in str(proof.first_error)


def test_a_row_that_nobody_sealed_is_named(filled: Database) -> None:
    stray = transfer(LATER, TransferKind.TOP_UP, PRICE)
    filled.run(lambda connection: insert_rows(connection, schema.ledger_transfer, [stray]))
    proof = proof_of(filled)
    assert not proof.ok
    assert f"{named(LATER, 1)}is in no seal" in str(proof.first_error)
    assert "the chain ends with seal 4" in str(proof.first_error)


def test_two_rows_that_changed_places_are_named(filled: Database) -> None:
    first, second = ids(40)[30:32]
    for place, (old, new) in enumerate(((first, LATER), (second, first), (LATER, second))):
        harm(filled, f"UPDATE ledger_transfer SET reference = {new} WHERE reference = {old}")
        assert proof_of(filled).ok is False, place
    proof = proof_of(filled)
    assert named(first, 1) in str(proof.first_error)
    assert "at_us is" in str(proof.first_error)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE ledger_seal SET at_us = at_us + 1 WHERE seal_no = 2",
            "seal_no 2): its head does not follow",
        ),
        ("UPDATE ledger_seal SET postings = 7 WHERE seal_no = 3", "seal_no 3): its head does not follow"),
        ("UPDATE ledger_seal SET day = day + 1 WHERE seal_no = 4", "seal_no 4): its head does not follow"),
        ("DELETE FROM ledger_seal WHERE seal_no = 2", "seal_no 3 stands where 2 belongs"),
        ("UPDATE ledger_seal SET seal_no = 9 WHERE seal_no = 4", "seal_no 9 stands where 4 belongs"),
    ],
)
def test_a_changed_seal_is_named(filled: Database, statement: str, words: str) -> None:
    harm(filled, statement)
    proof = proof_of(filled)
    assert not proof.ok
    assert str(proof.first_error).startswith("ledger_seal (shard 0, day ")
    assert words in str(proof.first_error)


@pytest.mark.parametrize("column", ["entries", "head"])
def test_changed_octets_of_a_seal_are_named(filled: Database, column: str) -> None:
    literal = "x'00'" if filled.dialect_name == "sqlite" else r"'\x00'::bytea"
    harm(filled, f"UPDATE ledger_seal SET {column} = {literal} WHERE seal_no = 2")
    proof = proof_of(filled)
    assert not proof.ok
    assert "seal_no 2): its head does not follow" in str(proof.first_error)


def test_a_chain_that_was_cut_off_with_its_rows_is_found_by_a_head_that_was_given_away(
    filled: Database,
) -> None:
    tip = filled.read(lambda connection: chain_tip(connection, SHARD))
    given = {tip.seal_no: (tip.head, "the signed head of 2027-01-15")}
    assert proof_of(filled, signed=given).ok
    harm(filled, f"DELETE FROM ledger_transfer WHERE reference = {ids(40)[32]}")
    harm(filled, "DELETE FROM ledger_seal WHERE seal_no = 4")
    harm(filled, f"UPDATE balance SET amount_micros = amount_micros - {PRICE} WHERE side = 1")
    harm(filled, f"UPDATE balance SET amount_micros = amount_micros + {PRICE} WHERE side = 4")
    assert proof_of(filled).ok  # nothing that is left can tell
    proof = proof_of(filled, signed=given)
    assert not proof.ok
    assert proof.first_error == (
        "ledger_seal (seal_no 4): the signed head of 2027-01-15 names it, and the chain ends with seal 3: "
        "its tail is gone"
    )


def test_a_chain_that_was_made_anew_is_not_the_one_that_was_given_away(filled: Database) -> None:
    given = {2: (bytes(32), "the signed head of 2027-01-15")}
    proof = proof_of(filled, signed=given)
    assert not proof.ok
    assert "is not the one that the signed head of 2027-01-15 names" in str(proof.first_error)


@pytest.mark.parametrize(
    ("statement", "words", "imbalance"),
    [
        (
            "UPDATE balance SET amount_micros = amount_micros + 5 WHERE side = 1",
            "balance (shard 0, account_no 1, side 1): the stored balance of available",
            5,
        ),
        ("DELETE FROM balance WHERE side = 3", "stored balance of revenue is 0 micros", PRICE),
        ("DELETE FROM message WHERE message_id = {WAITS}", "belongs to no admitted message", PRICE),
        (
            "UPDATE message SET verdict = 3 WHERE message_id = {WAITS}",
            "belongs to no admitted message",
            PRICE,
        ),
        (
            "UPDATE message SET held_micros = 7 WHERE message_id = {WAITS}",
            "message (shard 0, message_id {WAITS}): held_micros is 7, its hold is 100000",
            PRICE - 7,
        ),
        (
            "UPDATE message SET segment_count = 3 WHERE message_id = {WAITS}",
            "message (shard 0, message_id {WAITS}): held_micros is 100000, its 3 segments are 100000 each",
            0,
        ),
        (
            "UPDATE message_final SET settled_micros = 0 WHERE message_id = {TWO}",
            "message_final (shard 0, message_id {TWO}): says 0 micros settled",
            PRICE,
        ),
        (
            "INSERT INTO top_up (account_no, client_reference, reference, amount_micros, at_us) "
            "VALUES (1, 'r1', {TOP_UP}, 5, 0)",
            "top_up (account 1, client_reference 'r1'): says 5 micros, the ledger 1000000",
            10 * PRICE - 5,
        ),
    ],
)
def test_what_the_rows_beside_the_ledger_do_not_bear_out_is_told(
    filled: Database, statement: str, words: str, imbalance: int
) -> None:
    values = {"WAITS": WAITS, "TWO": TWO, "TOP_UP": TOP_UP}
    harm(filled, statement.format(**values))
    proof = proof_of(filled)
    assert (proof.ok, proof.errors) == (False, 1)
    assert words.format(**values) in str(proof.first_error)
    assert proof.imbalance_micros == imbalance


def papers(connection: Connection) -> None:
    """A top-up and a credit note with their postings, as the use cases write them."""
    reference, note = ids(40)[35:37]
    changes = Changes()
    for number, kind in ((reference, TransferKind.TOP_UP), (note, TransferKind.CREDIT_NOTE)):
        changes.ledger_transfer.append(transfer(number, kind, 7))
        for side, micros in zip(LEGS[kind], (-7, 7), strict=True):
            changes.move(1, int(side), micros)
    same = {"account_no": 1, "amount_micros": 7}
    top_up = {**same, "client_reference": "r1", "reference": reference, "at_us": id_epoch_us(reference)}
    asked = Correction(
        1, "c1", int(TransferKind.CREDIT_NOTE), note, 7, 0, 0, "agreed", id_epoch_us(note), "a"
    )
    for table, row in (("top_up", top_up), ("correction", structs.asdict(asked))):
        changes.upserts.append((table, with_digest(table, row)))
    write_batch(connection, changes, SHARD)


LEDGER_TABLES = (
    schema.ledger_transfer,
    schema.ledger_seal,
    schema.balance,
    schema.top_up,
    schema.correction,
)


@pytest.mark.parametrize("table", LEDGER_TABLES, ids=str)
def test_one_octet_changed_in_any_column_of_any_row_is_found(filled: Database, table: Table) -> None:
    """Where the database itself does not refuse it: a key that another row has."""
    filled.run(papers)
    assert proof_of(filled).ok
    rows = filled.read(lambda connection: list(connection.execute(select(table)).mappings()))
    for old in rows[:1] + rows[-1:]:
        for column in table.columns:
            value = old[column.name]
            last = b"?" if isinstance(value, bytes) else "?"
            new = value ^ 1 if isinstance(value, int) else value[:-1] + last
            proof = proof_with(filled, table, dict(old), {column.name: new})
            assert proof is None or not proof.ok, (column.name, value, new)


def proof_with(
    database: Database, table: Table, old: dict[str, Any], changed: dict[str, Any]
) -> LedgerProof | None:
    """What is found where a row is changed; nothing stays changed. None: the database refuses it."""
    where = and_(*(column == old[column.name] for column in table.primary_key.columns))

    def work(connection: Connection) -> None:
        connection.execute(update(table).where(where).values(changed))
        raise Told(verify_ledger(connection, SHARD))

    try:
        database.run(work)
    except Told as told:
        return told.proof
    except DatabaseError:
        return None
    raise AssertionError("work always raises")


class Told(Exception):  # noqa: N818 it is no error, and ends the transaction without a trace
    """What was found."""

    def __init__(self, proof: LedgerProof) -> None:
        self.proof = proof


def test_what_papers_say_about_money_is_held_against_the_postings(filled: Database) -> None:
    """Whoever writes a paper anew with its digest has still to explain the posting."""
    filled.run(papers)
    for table, column, words in (
        (schema.top_up, "amount_micros", "says 6 micros, the ledger 7"),
        (schema.correction, "account_no", "says account 0 at "),
        (schema.correction, "at_us", "says account 1 at "),
    ):
        (old,) = filled.read(lambda connection, row=table: list(connection.execute(select(row)).mappings()))  # type: ignore[misc]
        anew = with_digest(table.name, {**old, column: old[column] ^ 1})
        proof = proof_with(filled, table, dict(old), anew)
        assert proof is not None
        assert words in str(proof.first_error)


def test_an_admitted_message_without_a_hold_is_told(filled: Database) -> None:
    harm(filled, f"UPDATE ledger_transfer SET kind = 99 WHERE reference = {WAITS}")
    proof = proof_of(filled)
    assert not proof.ok
    assert f"{named(WAITS, HOLD)}kind is 99, was sealed as 2" in str(proof.first_error)


def test_an_octet_of_a_key_changed_in_the_file_is_found_though_its_index_is_as_it_was(
    tmp_path: Path,
) -> None:
    """SQLite keeps the columns of a key twice, and the proof reads them from the index."""
    path = tmp_path / "store.db"
    database = Database.open(f"sqlite:///{path}")
    database.run(lambda connection: schema.metadata.create_all(connection))
    database.run(fill)
    (root,) = database.read(
        lambda connection: connection.exec_driver_sql(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ledger_transfer'"
        ).one()
    )
    database.close()
    octets = bytearray(path.read_bytes())
    page = slice((root - 1) * 4096, root * 4096)
    place = octets[page].index(WAITS.to_bytes(8, "big")) + page.start
    octets[place + 7] ^= 1
    path.write_bytes(octets)
    database = Database.open(f"sqlite:///{path}")
    proof = proof_of(database)
    database.close()
    assert not proof.ok
    assert "ledger_transfer: the rows and the index of their keys do not agree" in str(proof.first_error)


def test_a_damaged_file_is_told_and_not_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database = Database.open(f"sqlite:///{path}")
    database.run(lambda connection: schema.metadata.create_all(connection))
    database.run(fill)
    database.run(lambda connection: connection.exec_driver_sql("SELECT 1"))
    (page,) = database.read(
        lambda connection: connection.exec_driver_sql(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ledger_transfer'"
        ).one()
    )
    database.close()
    octets = bytearray(path.read_bytes())
    octets[(page - 1) * 4096] = 0xFF  # the kind of the page
    path.write_bytes(octets)
    database = Database.open(f"sqlite:///{path}")
    with pytest.raises(DamagedStoreError, match="is damaged") as damage:
        proof_of(database)
    database.close()
    proof = unreadable(str(damage.value))
    assert (proof.ok, proof.errors, proof.first_error) == (False, 1, str(damage.value))
