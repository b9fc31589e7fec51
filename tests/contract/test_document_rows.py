"""Tariff documents, price rows and usage rows come back as they were written, on both databases."""

from store_rows import NOON_US, SHARD, keyed_row

from operator_push.domain.rating.values import Usage
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.services.changes import Changes
from operator_push.services.manage_documents import ROWS, ManageDocuments
from operator_push.services.stored_charges import PriceRow
from operator_push.services.usage_book import UsageBook
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.document_rows import (
    chosen_tariff,
    document_numbered,
    has_prices,
    open_prices,
    stored_documents,
)
from operator_push.store.hot_rows import write_batch
from operator_push.store.usage_rows import usage_since

TEXT = 'tariff = "own"\nversion = 1\ncurrency = "INR"\n[[price]]\nname = "all"\nper_segment = "0.10" # ten\n'


def test_documents_and_the_choice_come_back(database: Database) -> None:
    assert database.read(stored_documents) == []
    assert database.read(chosen_tariff) == ROWS
    documents, changes = ManageDocuments(), Changes()
    documents.import_text(TEXT, "own.toml", "INR", "ann", NOON_US, changes)
    documents.choose("own", "ann", NOON_US, changes)
    database.run(lambda connection: write_batch(connection, changes, SHARD))
    assert database.read(stored_documents) == documents.stored()
    assert database.read(chosen_tariff) == "own"
    found = database.read(lambda connection: document_numbered(connection, 1))
    assert found == documents.document(1)
    assert database.read(lambda connection: document_numbered(connection, 2)) is None


def test_the_prices_of_open_messages_come_back(database: Database) -> None:
    ids, changes = IdSequence(SHARD), Changes()
    first, second = ids.next_id(NOON_US), ids.next_id(NOON_US)
    for message_id in (first, second):
        changes.message_price.append((SHARD, id_day(message_id), message_id, NOON_US, 1, 0, b"{}", b""))
    changes.message_final.append(keyed_row(schema.message_final, first, sequence=1, state=4, at_us=NOON_US))
    database.run(lambda connection: write_batch(connection, changes, SHARD))
    assert database.read(has_prices)
    found = database.read(lambda connection: list(open_prices(connection, SHARD)))
    assert found == [PriceRow(second, NOON_US, 1, 0, b"{}", b"")]


def test_what_stands_is_written_over_and_read_from_a_month_on(database: Database) -> None:
    book = UsageBook(oldest_month=202_603)
    for month, segments in ((202_603, 1), (202_604, 2), (202_604, 3)):
        changes = Changes()
        used = Usage(
            segments={"own": segments}, contact_segments={"hotline": 1}, credit_micros={"welcome": segments}
        )
        book.take(7, "t", month, 9, used, changes)
        for _ in range(2):  # a batch whose answer was lost comes again
            database.run(lambda connection, changes=changes: write_batch(connection, changes, SHARD))
    found = dict(database.read(lambda connection: list(usage_since(connection, SHARD, 202_604))))
    assert sorted(found.values()) == [2, 5, 6]
    again = UsageBook(found.items(), 202_604)
    assert again.usage(7, "t", 202_604, 9) == book.usage(7, "t", 202_604, 9)
