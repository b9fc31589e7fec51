"""Invoices on both databases: every charge on one invoice, numbers without gaps, whatever else happens."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invoice_room import ACCOUNT, ACCOUNT_NO, HOUR_US, TERMS, Charged, terms
from sqlalchemy import Connection, delete, func, insert, select
from store_rows import NOON_US, row

from operator_push.domain.invoicing.charges import LATE, PRICED_AS_ONE, SEGMENTS
from operator_push.domain.invoicing.document import document_text, text_sha256
from operator_push.domain.rating.charge import Charge, ChargePlan, plan_for
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.values import RatingRequest
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.instants import from_epoch_us
from operator_push.services.issue_invoices import FinalDocument, draft_invoice, issue_invoice
from operator_push.services.manage_documents import StoredDocument
from operator_push.store import invoice_rows, schema
from operator_push.store.database import Database
from operator_push.store.invoice_proof import invoice_errors
from operator_push.store.invoice_rows import StoredInvoices
from operator_push.store.settled_days import SettledDays, set_settled_days
from operator_push.store.statement_rows import charged_messages, moved_money
from operator_push.store.statements import insert_rows

DAY_US = 24 * HOUR_US


DAY = from_epoch_us(NOON_US).date().isoformat()
TAXED = """
tariff = "retail"
version = 1
currency = "INR"
[[price]]
name = "india"
per_segment = "1.00"
[[tax]]
name = "GST"
percent = 18
"""


def issue(database: Database, until_us: int, account: str = ACCOUNT, issued_us: int = 0) -> FinalDocument:
    now_us = issued_us or until_us
    return issue_invoice(StoredInvoices(database), account, TERMS, until_us, now_us, "ann")


def prepared(database: Database, prepaid_micros: int = 0) -> Charged:
    room = Charged()
    database.run(room.account)
    if prepaid_micros:
        database.run(lambda connection: room.top_up(connection, prepaid_micros))
    return room


def test_lines_are_by_class_place_and_price_and_sum_to_the_ledger(database: Database) -> None:
    room = prepared(database)

    def charge(connection: Connection) -> None:
        room.message(connection, 100_000, 3, 2)
        room.message(connection, 100_000, 1)
        room.message(connection, 123_457, 1, destination="917012345678", traffic_class=3)
        room.message(connection, 100_000, 2, 0)

    database.run(charge)
    document = issue(database, NOON_US + HOUR_US).document
    lines = [(line.traffic_class, line.network, line.units, line.amount_micros) for line in document.lines]
    assert lines == [("promotional", "", 1, 123_457), ("transactional", "404-45", 3, 300_000)]
    assert document.total_micros == room.charged_micros == 423_457
    assert document.net_micros + document.tax_micros == document.total_micros
    assert document.total_micros + document.rounding_micros == document.payable_micros == 420_000


def test_a_settle_after_the_periods_invoice_goes_to_the_next_one(database: Database) -> None:
    room = prepared(database)
    database.run(lambda connection: room.message(connection, settled_us=NOON_US + DAY_US))
    database.run(lambda connection: room.message(connection, 7, settled_us=NOON_US + 1))
    first = issue(database, NOON_US + DAY_US)
    assert first.document.total_micros == 7
    assert issue(database, NOON_US + 2 * DAY_US).document.total_micros == 100_000


def test_what_was_posted_late_with_an_earlier_moment_is_on_the_next_one(database: Database) -> None:
    room = prepared(database)
    database.run(lambda connection: room.message(connection, 5))
    assert issue(database, NOON_US + DAY_US).document.total_micros == 5
    database.run(lambda connection: room.message(connection, 9, settled_us=NOON_US + HOUR_US))
    second = issue(database, NOON_US + 2 * DAY_US).document
    assert [(line.what, line.amount_micros) for line in second.lines] == [(f"{LATE}, of {DAY}", 9)]
    assert issue(database, NOON_US + 3 * DAY_US).document.total_micros == 0


def test_what_is_charged_when_its_invoice_is_final_is_late_and_tells_its_own_day(database: Database) -> None:
    """Posted between its period's end and the invoice is no lateness; of what came later each message is told
    with its day, by simple rows and by a document alike, beside those of the new period."""
    room = prepared(database)
    ended_us, issued_us = NOON_US + DAY_US, NOON_US + 2 * DAY_US

    def write(connection: Connection) -> None:
        about = room.message(connection, 5, 1, 0)
        room.message(connection, 5)
        room.message(connection, 5, settled_us=ended_us + 1)
        room.message(connection, 5, settled_us=issued_us)
        document = read_tariff(TAXED, "retail.toml")
        stored = StoredDocument(1, document, "retail.toml", TAXED, NOON_US, "ann")
        connection.execute(insert(schema.tariff_document).values(**stored.as_row()))
        request = RatingRequest(account=ACCOUNT, destination="91", segments=1, at_us=NOON_US, country="IN")
        plan = plan_for(1, document, request)
        assert isinstance(plan, ChargePlan)
        room.priced(connection, Charge(plan, NOON_US), 1, 1, issued_us + 1)
        room.message(connection, 5, accepted_us=issued_us)
        room.charge(connection, 30, "case 7", issued_us, message_id=about)

    database.run(write)
    assert issue(database, ended_us, issued_us=issued_us).document.total_micros == 5
    document = issue(database, issued_us + DAY_US).document
    assert [(line.what, line.units, line.amount_micros) for line in document.lines] == [
        ("segments", 2, 10),
        (f"segments, india, late, of {DAY}", 1, 1_000_000),
        (f"segments, late, of {DAY}", 1, 5),
        (f"case 7, late, of {DAY}", 1, 30),
        ("tax GST", 1, 180_000),
    ]


def test_days_that_are_settled_are_not_read_again(database: Database) -> None:
    room = prepared(database)
    database.run(lambda connection: room.message(connection, 5))
    mark = SettledDays(NOON_US // DAY_US + 1, 0)
    database.run(lambda connection: set_settled_days(connection, room.shard, mark))
    issue(database, NOON_US + DAY_US)
    account = database.read(lambda connection: invoice_rows.billed_account(connection, ACCOUNT))
    books = database.read(lambda connection: invoice_rows.StoredBooks(connection, account, 7))
    assert books.open_from_day == mark.until_day
    database.run(lambda connection: room.message(connection, 6, accepted_us=NOON_US + DAY_US))
    assert issue(database, NOON_US + 2 * DAY_US).document.total_micros == 6


def test_a_late_charge_is_found_behind_the_settled_days(database: Database) -> None:
    room = prepared(database)
    message_id = database.run(lambda connection: room.message(connection, 5, 2, 0))
    mark = SettledDays(NOON_US // DAY_US + 1, 0)
    database.run(lambda connection: set_settled_days(connection, room.shard, mark))
    issue(database, NOON_US + DAY_US)
    later = NOON_US + 3 * DAY_US
    database.run(lambda connection: room.late_charge(connection, message_id, 10, later))
    document = issue(database, later + 1).document
    assert [(line.what, line.units, line.amount_micros) for line in document.lines] == [
        (f"segments, late, of {DAY}", 2, 10)
    ]
    assert issue(database, later + 2).document.total_micros == 0


def test_prepaid_money_is_shown_as_paid_in_advance_and_nothing_is_left(database: Database) -> None:
    room = prepared(database, prepaid_micros=1_000_000)
    database.run(lambda connection: room.message(connection, 123_457))
    document = issue(database, NOON_US + HOUR_US).document
    assert (document.prepaid_micros, document.rounding_micros, document.payable_micros) == (123_457, 0, 0)
    assert document.due_date == ""


def test_an_issued_document_is_kept_to_the_octet(database: Database) -> None:
    room = prepared(database)
    database.run(room.message)
    final = issue(database, NOON_US + HOUR_US)
    kept = database.read(lambda connection: invoice_rows.document_numbered(connection, final.number))
    assert kept == final
    assert document_text(kept.document) == kept.text
    assert text_sha256(kept.text) == kept.content_sha256


def test_a_period_is_invoiced_once_and_must_have_passed(database: Database) -> None:
    prepared(database)
    issue(database, NOON_US + HOUR_US)
    with pytest.raises(OperatorError, match=r"has invoices until .* already"):
        issue(database, NOON_US + HOUR_US)
    with pytest.raises(OperatorError, match="has not passed yet"):
        StoredInvoices(database).draft(
            lambda books: draft_invoice(books, TERMS, NOON_US + 2, NOON_US + 1), ACCOUNT
        )


def test_a_tax_that_changes_within_the_period_makes_lines_of_both_rates(database: Database) -> None:
    room = prepared(database)
    database.run(lambda connection: room.message(connection, settled_us=NOON_US))
    database.run(lambda connection: room.message(connection, settled_us=NOON_US + 2 * HOUR_US))
    old, new = TERMS.taxes[0], TERMS.taxes[0]
    change_us = NOON_US + HOUR_US
    dated = terms(
        taxes=(
            type(old)(name="GST", ppm=180_000, valid_until_us=change_us),
            type(new)(name="GST", ppm=200_000, valid_from_us=change_us),
        )
    )
    store = StoredInvoices(database)
    made = store.draft(lambda books: draft_invoice(books, dated, NOON_US + DAY_US, NOON_US + DAY_US), ACCOUNT)
    assert [(tax.ppm, tax.net_micros, tax.tax_micros) for tax in made.document.taxes] == [
        (180_000, 84_746, 15_254),
        (200_000, 83_333, 16_667),
    ]


def test_a_rolled_back_document_leaves_no_gap(database: Database) -> None:
    """What a crash before the commit leaves: nothing, and the number is given again."""
    prepared(database)
    store = StoredInvoices(database)
    made = store.draft(lambda books: draft_invoice(books, TERMS, NOON_US + 1, NOON_US + 1), ACCOUNT)

    def dies(connection: Connection) -> None:
        invoice_rows.write_final(connection, made, "INV-2027", NOON_US, "ann")
        raise ResourceError("the power goes")

    with pytest.raises(ResourceError):
        database.run(dies)
    assert issue(database, NOON_US + 1).number == "INV-2027-000001"


def test_issuers_at_the_same_time_give_every_charge_and_number_once(
    database: Database, open_store: Callable[[], Database], store_url: str
) -> None:
    rooms = [Charged(account_no) for account_no in range(1, 4)]
    for room in rooms:
        database.run(lambda connection, room=room: room.account(connection, f"a{room.account_no}"))
        for hour in range(6):
            database.run(
                lambda connection, room=room, hour=hour: room.message(
                    connection,
                    1_000 + hour,
                    accepted_us=NOON_US + 1_000_000 * room.account_no,
                    settled_us=NOON_US + hour * HOUR_US,
                )
            )

    def work() -> None:
        own = Database.open(store_url)
        try:
            for hour in range(1, 7):
                for room in rooms:
                    try:
                        issue(own, NOON_US + hour * HOUR_US, f"a{room.account_no}")
                    except OperatorError as error:
                        assert "already" in str(error)  # noqa: PT017
        finally:
            own.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = database.read(invoice_rows.documents)
    serials = sorted(each.serial for each in found)
    assert serials == list(range(1, len(found) + 1))
    for room in rooms:
        own = [each for each in found if each.account_no == room.account_no]
        assert sum(each.document.total_micros for each in own) == room.charged_micros


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    charges=st.lists(
        st.tuples(
            st.integers(0, 2_000_000),  # price
            st.integers(1, 9),  # segments
            st.integers(0, 9),  # delivered
            st.integers(0, 47),  # hour of settlement
            st.sampled_from(["919812345678", "917012345678", "14165550123"]),
            st.sampled_from([1, 2, 3]),
            st.booleans(),  # written after the first invoice was issued
        ),
        max_size=20,
    ),
    cuts=st.lists(st.integers(1, 47), min_size=1, max_size=3, unique=True).map(sorted),
)
def test_invoices_of_any_ledger_sum_to_it_to_the_micro(
    database: Database, charges: list[tuple[int, int, int, int, str, int, bool]], cuts: list[int]
) -> None:
    database.run(_empty)
    room = prepared(database)

    def write(late: bool) -> Callable[[Connection], None]:
        def all_of_them(connection: Connection) -> None:
            for price, segments, delivered, hour, number, kind, is_late in charges:
                if is_late is late:
                    room.message(
                        connection,
                        price,
                        segments,
                        min(delivered, segments),
                        settled_us=NOON_US + hour * HOUR_US,
                        destination=number,
                        traffic_class=kind,
                    )

        return all_of_them

    database.run(write(False))
    finals = []
    for place, cut in enumerate([*cuts, 48]):
        finals.append(issue(database, NOON_US + cut * HOUR_US).document)
        if not place:
            database.run(write(True))
    for document in finals:
        assert sum(line.amount_micros for line in document.lines) == document.total_micros
        assert document.net_micros + document.tax_micros == document.total_micros
        paid_and_rounded = document.prepaid_micros - document.rounding_micros
        assert document.total_micros == document.payable_micros + paid_and_rounded
        assert document.payable_micros % 10_000 == 0
    assert sum(document.total_micros for document in finals) == room.charged_micros == _revenue(database)


def test_statement_detail_and_proof_agree_with_the_invoice(database: Database) -> None:
    room = prepared(database, prepaid_micros=1_000_000)
    for hour in range(3):
        settled_us = NOON_US + hour * HOUR_US
        database.run(lambda connection, at=settled_us: room.message(connection, 7, 3, 2, settled_us=at))
    final = issue(database, NOON_US + 2 * HOUR_US)
    begin, until = NOON_US + 1, NOON_US + 2 * HOUR_US
    opening, moved = database.read(lambda each: moved_money(each, ACCOUNT_NO, begin, until))
    assert opening == 1_000_000 - 14
    assert [(each.kind.name, each.postings, each.amount_micros) for each in moved] == [("SETTLE", 1, 14)]
    charged = database.read(lambda each: list(charged_messages(each, ACCOUNT_NO, NOON_US, until)))
    assert sum(each.amount_micros for each in charged) == final.document.total_micros == 28
    assert database.read(lambda each: list(invoice_errors(each))) == []
    database.run(lambda each: each.execute(delete(schema.ledger_transfer)))
    [error] = database.read(lambda each: list(invoice_errors(each)))
    assert "invoices hold 28 micros" in error


def test_lines_name_the_tariff_that_priced_them(database: Database) -> None:
    room = prepared(database)

    def charge(connection: Connection) -> None:
        rows = [
            row(schema.tariff_row, row_no=1, version=2, prefix="91", price_micros=100, currency="INR"),
            row(schema.tariff_row, row_no=2, version=3, prefix="", price_micros=100, currency="INR"),
        ]
        insert_rows(connection, schema.tariff_row, rows)
        room.message(connection, 100)
        odd = room.message(connection, 100, 2, 0)
        room.late_charge(connection, odd, 150, NOON_US)

    database.run(charge)
    document = issue(database, NOON_US + HOUR_US).document
    assert [(line.what, line.tariff, line.units, line.amount_micros) for line in document.lines] == [
        (SEGMENTS, "tariff version 2", 1, 100),
        (PRICED_AS_ONE, "tariff version 2", 1, 150),
    ]


def test_a_charge_without_a_message_is_a_line_by_its_reason(database: Database) -> None:
    room = prepared(database)
    for reason in ("bundle starter, 2027-01", "set-up", "set-up"):
        database.run(lambda connection, reason=reason: room.charge(connection, 500, reason))
    document = issue(database, NOON_US + HOUR_US).document
    assert [(line.what, line.amount_micros) for line in document.lines] == [
        ("bundle starter, 2027-01", 500),
        ("set-up", 1_000),
    ]


def _revenue(database: Database) -> int:
    row = schema.balance.c
    wanted = select(func.sum(row.amount_micros)).where(row.account_no == ACCOUNT_NO, row.side == 3)
    return int(database.read(lambda connection: connection.execute(wanted).scalar()) or 0)


def _empty(connection: Connection) -> None:
    for name in ("account", "balance", "message", "ledger_transfer", "invoice_document", "invoice_source"):
        connection.execute(delete(schema.metadata.tables[name]))
