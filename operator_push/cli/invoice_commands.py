"""operator-push invoice: documents of what the ledger has charged, from draft to reminder.

Reads the store at one moment beside the running server; issuing adds a document in one short transaction and
moves no money.
"""

import time

import click
from sqlalchemy import Connection

from operator_push.cli.earlier_credits import notes_of_earlier_credits
from operator_push.cli.invoice_closing import close_month
from operator_push.cli.invoice_corrections import receipt, remind
from operator_push.cli.invoice_files import csv_command, pdf_command, ubl_command
from operator_push.cli.invoice_postings import credit_note, write_off
from operator_push.cli.invoice_printing import draft_or_final_json, print_document, print_listed
from operator_push.cli.invoice_reading import detail, statement, verify
from operator_push.cli.invoice_terms import invoice_terms, prefix_digits
from operator_push.cli.moments import moment_of
from operator_push.cli.printing import json_option, print_json
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import open_store, read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.domain.invoicing.periods import local_date, month_before, month_of
from operator_push.domain.invoicing.standing import Standing, standings
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import to_epoch_us
from operator_push.services.issue_invoices import FinalDocument, draft_invoice, issue_invoice
from operator_push.store.invoice_rows import (
    StoredInvoices,
    document_numbered,
    documents,
    owed_invoices,
    payments_micros,
)


@click.group(cls=SubjectGroup)
def invoice() -> None:
    """Invoices: draft, issue, close a month, list, show; PDF, CSV, UBL.

    An invoice holds everything that the ledger has charged and no earlier invoice holds, up to the end of its
    period. Once issued it never changes; corrections are credit notes.
    """


def _period_options(command: click.decorators.FC) -> click.decorators.FC:
    month = click.option(
        "--month", metavar="YYYY-MM", help="Until the end of this month [default: the last]."
    )
    until = click.option("--until", metavar="MOMENT", help="Until this moment instead, which has passed.")
    return month(until(command))


@invoice.command()
@click.argument("account")
@_period_options
@json_option
@with_settings
def draft(settings: Settings, as_json: bool, account: str, month: str | None, until: str | None) -> None:
    """Show what an invoice to ACCOUNT would say now; nothing is kept."""
    now_us = _now_us()
    terms = invoice_terms(settings)
    until_us = _until_us(settings, month, until, now_us)
    with open_store(settings) as database:
        store = StoredInvoices(database, prefix_digits(settings))
        made = store.draft(lambda books: draft_invoice(books, terms, until_us, now_us), account)
    if as_json:
        print_json(draft_or_final_json(made.document))
    else:
        print_document(made.document)


@invoice.command()
@click.argument("account")
@_period_options
@json_option
@with_settings
def issue(settings: Settings, as_json: bool, account: str, month: str | None, until: str | None) -> None:
    """Issue the invoice to ACCOUNT: number it and keep it for ever.

    What was given back of its messages before it was issued gets its credit notes with it.
    """
    now_us = _now_us()
    terms = invoice_terms(settings, issuing=True)
    until_us = _until_us(settings, month, until, now_us)
    with open_store(settings) as database:
        store = StoredInvoices(database, prefix_digits(settings))
        final = issue_invoice(store, account, terms, until_us, now_us, who_asks())
        notes, left = notes_of_earlier_credits(database, terms, final)
    for note in notes:
        click.echo(f"{note.number} is on it: {note.document.reason}", err=True)
    for why in left:
        click.echo(why, err=True)
    if as_json:
        print_json(draft_or_final_json(final.document, final))
    else:
        print_document(final.document)


@invoice.command("list")
@click.argument("account", required=False)
@json_option
@with_settings
def list_command(settings: Settings, as_json: bool, account: str | None) -> None:
    """List documents in the order in which they were issued, with where each invoice stands."""
    today = local_date(_now_us(), settings.invoices.zone).isoformat()

    def work(connection: Connection) -> tuple[list[FinalDocument], dict[str, Standing]]:
        found = documents(connection, account)
        stand: dict[str, Standing] = {}
        for account_no in {each.account_no for each in found}:
            owed = owed_invoices(connection, account_no)
            for each in standings(owed, payments_micros(connection, account_no), today):
                stand[each.number] = each
        return found, stand

    found, stand = read_store(settings, work)
    print_listed(found, stand, as_json)


@invoice.command()
@click.argument("number")
@json_option
@with_settings
def show(settings: Settings, as_json: bool, number: str) -> None:
    """Show the document NUMBER as it was issued."""
    final = read_store(settings, lambda connection: document_numbered(connection, number))
    if as_json:
        print_json(draft_or_final_json(final.document, final))
    else:
        print_document(final.document)


invoice.add_command(csv_command)
invoice.add_command(pdf_command)
invoice.add_command(ubl_command)
for _command in (close_month, credit_note, write_off, remind, receipt, statement, detail, verify):
    invoice.add_command(_command)


def _until_us(settings: Settings, month: str | None, until: str | None, now_us: int) -> int:
    if month is not None and until is not None:
        raise OperatorError("say --month or --until, not both")
    if until is not None:
        return to_epoch_us(moment_of(until))
    zone = settings.invoices.zone
    return month_of(month or month_before(now_us, zone), zone)[1]


def _now_us() -> int:
    return time.time_ns() // 1000
