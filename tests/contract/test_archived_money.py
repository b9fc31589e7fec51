"""Archived days: invoices, proofs against the SMSC and disputes find in them what was there.

Also where a tariff document priced their messages, whose lines are worked out again from the archive's rows.
"""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from invoice_room import ACCOUNT, ACCOUNT_NO, TERMS, Charged
from proof_sample import attempt, result
from sqlalchemy import Connection, insert
from store_rows import NOON_US, SHARD, keyed_row, row

from operator_push.domain.invoicing.document import Document
from operator_push.domain.message import MessageState
from operator_push.domain.rating.charge import Charge, ChargePlan, plan_for
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.values import RatingRequest
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.ids import id_day
from operator_push.services.correct_ledger import Correction
from operator_push.services.disputes import MessageMoney, money_of, tax_to_give
from operator_push.services.issue_invoices import draft_invoice, issue_invoice
from operator_push.services.manage_documents import StoredDocument
from operator_push.services.reconcile import SmscRecord, reconcile
from operator_push.store import schema
from operator_push.store.archive import Archiving, run_archive
from operator_push.store.database import Database
from operator_push.store.dispute_rows import corrections_about
from operator_push.store.invoice_proof import invoice_errors
from operator_push.store.invoice_rows import StoredInvoices
from operator_push.store.plain_rows import PlainRows
from operator_push.store.seal_rows import seal_what_is_not
from operator_push.store.statement_rows import charged_messages, moved_money
from operator_push.store.statements import insert_rows
from operator_push.store.stored_messages import stored_messages
from operator_push.store.stories import story_of
from operator_push.store.story_octets import invoices_with

DAY_US = 86_400_000_000
UNTIL_US = NOON_US + 2 * DAY_US
TODAY_US = NOON_US + 9 * DAY_US
NUMBER = "919812345678"
TEXT = """
tariff = "retail"
version = 1
currency = "INR"
[[price]]
name = "india"
per_segment = "0.10"
[[tax]]
name = "GST"
percent = 18
"""
DOCUMENT = read_tariff(TEXT, "retail.toml")


def sorted_money(connection: Connection) -> tuple[int, list[Any]]:
    """The statement's opening and postings; archives are read before hot rows."""
    opening, moved = moved_money(connection, ACCOUNT_NO, NOON_US - 1, UNTIL_US)
    return opening, sorted(msgspec.structs.astuple(each) for each in moved)


def charge(at_us: int) -> Charge:
    request = RatingRequest(account=ACCOUNT, destination=NUMBER, segments=2, at_us=at_us, country="IN")
    plan = plan_for(1, DOCUMENT, request)
    assert isinstance(plan, ChargePlan)
    return Charge(plan, at_us)


class Room:
    """Messages of two days, each with its attempts, ends and money; by simple rows and by a document."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.room = Charged()
        self.ids: list[int] = []
        database.run(self._fill)

    def _fill(self, connection: Connection) -> None:
        room = self.room
        room.account(connection)
        stored = StoredDocument(1, DOCUMENT, "retail.toml", TEXT, NOON_US, "ann")
        connection.execute(insert(schema.tariff_document).values(**stored.as_row()))
        insert_rows(connection, schema.smsc_link, [row(schema.smsc_link, link_no=1, name="main")])
        for at_us in (NOON_US, NOON_US + DAY_US):
            self._sent(connection, room.priced(connection, charge(at_us), 2, 2, settled_us=at_us), at_us)
            plain = room.message(connection, 100_000, 2, accepted_us=at_us)
            ended = {"state": 2, "segments_delivered": 2, "settled_micros": 200_000}
            insert_rows(connection, schema.message_final, [keyed_row(schema.message_final, plain, **ended)])
            self._sent(connection, plain, at_us)
        room.top_up(connection, room.charged_micros)
        seal_what_is_not(connection, SHARD)

    def _sent(self, connection: Connection, message_id: int, at_us: int) -> None:
        self.ids.append(message_id)
        ends: list[Any] = []
        for segment_no in (1, 2):
            name = f"A{message_id}.{segment_no}"
            tried = attempt(message_id, segment_no, user_message_reference=segment_no, at_us=at_us)
            insert_rows(connection, schema.attempt, [tried])
            insert_rows(connection, schema.submit_result, [result(message_id, segment_no, 1, 0, name)])
            told = {
                "state": int(MessageState.DELIVERED),
                "told_by": 1,
                "smsc_message_id": name,
                "at_us": at_us,
            }
            ends.append(keyed_row(schema.segment_outcome, message_id, segment_no=segment_no, **told))
        insert_rows(connection, schema.segment_outcome, ends)

    def records(self) -> list[SmscRecord]:
        """The SMSC's rows: all were delivered, save the last segment of all."""
        found = [
            SmscRecord(
                f"A{each}.{no}",
                "push",
                "s",
                NUMBER,
                no,
                NOON_US,
                NOON_US + 9 * DAY_US,
                MessageState.DELIVERED,
                "0",
            )
            for each in self.ids
            for no in (1, 2)
        ]
        return [*found[:-1], msgspec.structs.replace(found[-1], state=MessageState.EXPIRED)]

    def seen(self) -> dict[str, Any]:
        """What invoices, proofs and disputes read."""
        return {
            "draft": self.draft(),
            "detail": self._read(lambda each: list(charged_messages(each, ACCOUNT_NO, 0, UNTIL_US))),
            "statement": self._read(lambda each: sorted_money(each)),
            "joined": self._read(lambda each: reconcile(PlainRows(each, SHARD), self.records()).as_json()),
            "money": [self.money(each) for each in self.ids],
        }

    def draft(self) -> Document:
        def made(books: Any) -> Any:
            return draft_invoice(books, TERMS, UNTIL_US, TODAY_US)

        return StoredInvoices(self.database).draft(made, ACCOUNT).document

    def money(self, message_id: int) -> tuple[MessageMoney | None, int]:
        """What a dispute about a message may give back, and the tax in all of it."""

        def work(connection: Connection) -> tuple[MessageMoney | None, int]:
            (stored,) = stored_messages(connection, SHARD, message_id=message_id)
            money = money_of(stored.transfers, corrections_about(connection, message_id))
            assert money is not None
            return money, tax_to_give(stored.transfers, money.left_micros)

        return self._read(work)

    def _read(self, work: Any) -> Any:
        return self.database.read(work)


@pytest.fixture
def room(database: Database) -> Room:
    return Room(database)


def archive(room: Room, folder: Path) -> None:
    outcome = run_archive(room.database, Archiving(SHARD, folder / "archive", 3), TODAY_US)
    assert outcome.archived == [id_day(room.ids[0]), id_day(room.ids[-1])], outcome.waiting


def test_all_who_look_for_money_find_the_same_in_archived_days(room: Room, tmp_path: Path) -> None:
    before = room.seen()
    assert before["joined"]["classes"]["matched"]["segments"] == 7
    assert before["joined"]["classes"]["outcome_differs"]["segments"] == 1
    assert before["draft"].total_micros == room.room.charged_micros == 2 * (236_000 + 200_000)
    assert [money.left_micros for money, _ in before["money"]] == [236_000, 200_000] * 2
    archive(room, tmp_path)
    assert room.seen() == before
    story = room.database.read(lambda each: story_of(each, SHARD, room.ids[0]))
    assert story is not None
    assert story.tariff is not None
    assert (story.tariff.tariff, story.stored.price is not None) == ("retail", True)


def test_an_invoice_of_archived_days_is_proved_and_its_message_disputed(room: Room, tmp_path: Path) -> None:
    archive(room, tmp_path)
    final = issue_invoice(StoredInvoices(room.database), ACCOUNT, TERMS, UNTIL_US, TODAY_US, "ann")
    assert final.document.total_micros == room.room.charged_micros
    assert room.database.read(lambda each: list(invoice_errors(each))) == []

    def about(connection: Connection) -> list[str]:
        (stored,) = stored_messages(connection, SHARD, message_id=room.ids[0])
        return invoices_with(connection, stored.transfers)

    assert room.database.read(about) == [final.number]
    note = Correction(
        ACCOUNT_NO,
        "dispute 1",
        int(TransferKind.CREDIT_NOTE),
        9,
        100_000,
        18_000,
        room.ids[0],
        "r",
        TODAY_US,
        "a",
    )
    room.database.run(
        lambda each: each.execute(insert(schema.correction).values(**msgspec.structs.asdict(note)))
    )
    money, _ = room.money(room.ids[0])
    assert money is not None
    assert money.left_micros == 118_000
