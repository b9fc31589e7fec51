"""Invoices of messages that documents priced: the tariff's own lines, its taxes once, to the micro."""

from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invoice_room import ACCOUNT, GST, HOUR_US, TERMS, Charged
from sqlalchemy import Connection, delete, insert, update
from store_rows import NOON_US

from operator_push.documents.ubl import document_ubl
from operator_push.domain.invoicing.charges import PRICED_AS_ONE
from operator_push.domain.invoicing.document import Document, TaxRate
from operator_push.domain.rating.charge import Charge, ChargePlan, plan_for
from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.values import RatingRequest, Usage
from operator_push.services.issue_invoices import issue_invoice
from operator_push.services.manage_documents import StoredDocument
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.invoice_proof import invoice_errors
from operator_push.store.invoice_rows import StoredInvoices

FILE = Path(__file__).parents[1] / "golden/rating/everything.toml"
EVERYTHING = FILE.read_text(encoding="utf-8")
UNTAXED = 'tariff = "plain"\nversion = 4\ncurrency = "INR"\n[[price]]\nname = "all"\nper_segment = "0.10"\n'
DOCUMENTS = [read_tariff(EVERYTHING, "e.toml"), read_tariff(UNTAXED, "u.toml")]
GST_RATE = TaxRate(name="GST", ppm=180_000)


def plan(account: str, destination: str, number: int = 1, **more: Any) -> ChargePlan:
    country = {"91": "IN", "97": "AE"}.get(destination[:2])
    request = RatingRequest(
        account=account, destination=destination, segments=1, at_us=NOON_US, country=country, **more
    )
    found = plan_for(number, DOCUMENTS[number - 1], request)
    assert isinstance(found, ChargePlan)
    return found


def usage(used: int) -> Usage:
    names = {"own network": used, "emirates": used, "starter": used}
    return Usage(segments=names, credit_micros={"welcome": used * 100_000})


def prepared(database: Database) -> Charged:
    room = Charged()

    def write(connection: Connection) -> None:
        room.account(connection)
        for number, (document, text) in enumerate(
            zip(DOCUMENTS, (EVERYTHING, UNTAXED), strict=True), start=1
        ):
            stored = StoredDocument(number, document, "e.toml", text, NOON_US, "ann")
            connection.execute(insert(schema.tariff_document).values(**stored.as_row()))

    database.run(write)
    return room


def issued(database: Database) -> Document:
    until_us = NOON_US + HOUR_US
    return issue_invoice(StoredInvoices(database), ACCOUNT, TERMS, until_us, until_us, "ann").document


def shown(document: Document) -> list[tuple[str, int, int, int, int]]:
    return [
        (line.what, line.units, line.unit_price_micros, line.net_micros, line.amount_micros)
        for line in document.lines
    ]


def test_the_lines_are_those_of_the_tariff_and_its_tax_is_not_there_twice(database: Database) -> None:
    room = prepared(database)
    own, delhi = plan("shop", "919812345678"), plan("shop", "911100000000", attributes=("home.city",))

    def write(connection: Connection) -> None:
        for used in range(4):
            room.priced(connection, Charge(own, NOON_US, own.narrowed(usage(used))), 1, 1)
        room.priced(connection, Charge(delhi, NOON_US), 3, 2)
        room.priced(connection, Charge(plan("shop", "14165550123"), NOON_US), 1, 1)

    database.run(write)
    document = issued(database)
    assert shown(document) == [
        ("segments, delhi", 2, 160_000, 320_000, 320_000),
        ("segments, own network, up to 3 this month", 3, 120_000, 360_000, 360_000),
        ("segments, own network, up to 5 this month", 1, 100_000, 100_000, 100_000),
        ("segments, world", 1, 330_000, 330_000, 330_000),
        ("surcharge place", 2, 20_000, 40_000, 40_000),
        ("tax GST", 1, 64_800, 0, 64_800),
        ("tax GST", 1, 82_800, 0, 82_800),
    ]
    assert {line.tariff for line in document.lines} == {"everything version 1"}
    assert [(tax.name, tax.net_micros, tax.tax_micros) for tax in document.taxes] == [
        ("GST", 820_000, 147_600),
        ("", 330_000, 0),
    ]
    assert document.total_micros == room.charged_micros == 1_297_600


def test_the_tax_in_a_fee_is_a_line_of_its_own(database: Database) -> None:
    room = prepared(database)
    terms = '{"tariff": "everything", "billing": {"name": "Chai", "country": "IN"}}'

    def write(connection: Connection) -> None:
        named = schema.account.c.name == ACCOUNT
        connection.execute(update(schema.account).where(named).values(terms=terms))
        room.charge(connection, 5_900_000, "bundle starter, 2026-12", tax_micros=900_000)
        room.charge(connection, 1_100_000, "a fee with a tax of another house", tax_micros=100_000)

    database.run(write)
    document = issued(database)
    assert shown(document) == [
        ("a fee with a tax of another house", 1, 1_000_000, 1_000_000, 1_000_000),
        ("bundle starter, 2026-12", 1, 5_000_000, 5_000_000, 5_000_000),
        ("tax GST", 1, 900_000, 0, 900_000),
        ("tax unnamed", 1, 100_000, 0, 100_000),
    ]
    assert [(tax.name, tax.ppm, tax.net_micros, tax.tax_micros) for tax in document.taxes] == [
        ("unnamed", 100_000, 1_000_000, 100_000),
        ("GST", 180_000, 5_000_000, 900_000),
    ]
    assert document.total_micros == room.charged_micros == 7_000_000
    assert database.read(lambda connection: list(invoice_errors(connection))) == []
    document_ubl(document)


def test_a_tariff_without_taxes_has_those_of_the_configuration_in_its_prices(database: Database) -> None:
    room = prepared(database)
    database.run(
        lambda connection: room.priced(connection, Charge(plan("shop", "919812345678", 2), NOON_US), 2, 2)
    )
    [line] = issued(database).lines
    assert (line.tariff, line.units, line.amount_micros) == ("plain version 4", 2, 200_000)
    assert line.taxes == (TaxRate(name=GST.name, ppm=GST.ppm),)
    assert line.net_micros == 169_492


def test_what_no_number_of_segments_comes_to_is_one_line_with_the_tariffs_tax_inside(
    database: Database,
) -> None:
    room = prepared(database)
    late_us = NOON_US + 1

    def write(connection: Connection) -> None:
        message_id = room.priced(connection, Charge(plan("shop", "919812345678"), NOON_US), 2, 1)
        room.late_charge(connection, message_id, 118, late_us)

    database.run(write)
    [line] = [each for each in issued(database).lines if each.what == PRICED_AS_ONE]
    assert (line.net_micros, line.amount_micros, line.taxes) == (100, 118, (GST_RATE,))


def test_what_went_back_by_the_end_of_a_message_is_a_line_below_zero_with_its_tax(database: Database) -> None:
    room = prepared(database)

    def write(connection: Connection) -> None:
        charge = Charge(plan("shop", "911112345678"), NOON_US)
        failed = room.priced(connection, charge, 2, 2)
        room.failed_refund(connection, failed, charge.amount(2) - charge.amount(1), NOON_US + 1)

    database.run(write)
    document = issued(database)
    assert shown(document) == [
        ("segments, delhi", 2, 160_000, 320_000, 320_000),
        ("given back by the message's end", 1, -188_800, -160_000, -188_800),
        ("tax GST", 1, 57_600, 0, 57_600),
    ]
    assert [(tax.name, tax.net_micros, tax.tax_micros) for tax in document.taxes] == [
        ("GST", 160_000, 28_800)
    ]
    assert document.total_micros == room.charged_micros == 188_800
    assert database.read(lambda each: list(invoice_errors(each))) == []
    assert b"-1</cbc:InvoicedQuantity>" in document_ubl(document)


def test_an_invoice_is_rounded_as_the_contract_of_the_accounts_tariff_says(database: Database) -> None:
    room = prepared(database)

    def write(connection: Connection) -> None:
        contract = 'contract = { rounding = "up", rounding_at = "invoice", step_micros = 250000 }'
        text = UNTAXED.replace("version = 4", "version = 5") + f"[accounts.{ACCOUNT}]\n{contract}\n"
        stored = StoredDocument(3, read_tariff(text, "v5.toml"), "v5.toml", text, NOON_US, "ann")
        connection.execute(insert(schema.tariff_document).values(**stored.as_row()))
        named = {"choice_no": 0, "tariff": "plain", "changed_us": NOON_US, "changed_by": "ann"}
        connection.execute(insert(schema.tariff_choice).values(**named))
        room.priced(connection, Charge(plan("shop", "919812345678", 2), NOON_US), 3, 3)

    database.run(write)
    document = issued(database)
    assert (document.total_micros, document.rounding_micros, document.payable_micros) == (
        300_000,
        200_000,
        500_000,
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    messages=st.lists(
        st.tuples(
            st.sampled_from(["shop", "bundled", "clinic", "rounded", "lines", "startup", "taxfree"]),
            st.sampled_from(["919812345678", "911112345678", "917012345678", "971501234567", "14165550123"]),
            st.integers(1, 6),  # segments
            st.integers(0, 6),  # charged
            st.integers(0, 4),  # used before
            st.integers(0, 3),  # parts before
            st.booleans(),  # the audience rule uses a place
        ),
        max_size=12,
    )
)
def test_lines_of_any_prices_sum_to_the_ledger_to_the_micro(
    database: Database, messages: list[tuple[str, str, int, int, int, int, bool]]
) -> None:
    database.run(_empty)
    room = prepared(database)

    def write(connection: Connection) -> None:
        for account, number, segments, charged, used, parts, place in messages:
            made = plan(account, number, attributes=("home.city",) if place else ())
            before = made.narrowed(usage(used))
            room.priced(connection, Charge(made, NOON_US, before, parts), segments, min(charged, segments))

    database.run(write)
    document = issued(database)
    assert sum(line.amount_micros for line in document.lines) == document.total_micros == room.charged_micros
    assert document.net_micros + document.tax_micros == document.total_micros
    assert not any(line.what == PRICED_AS_ONE for line in document.lines)
    for line in document.lines:
        assert line.units * line.unit_price_micros == line.amount_micros
        assert line.tax_micros in (0, line.amount_micros)
    assert database.read(lambda each: list(invoice_errors(each))) == []
    assert document_ubl(document).startswith(b"<?xml")


def _empty(connection: Connection) -> None:
    for table in schema.metadata.tables.values():
        connection.execute(delete(table))
