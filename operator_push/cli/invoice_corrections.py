"""operator-push invoice remind and receipt: what comes after an invoice, and before one."""

import time

import click
from sqlalchemy import Connection

from operator_push.cli.invoice_printing import draft_or_final_json, print_document
from operator_push.cli.invoice_terms import invoice_terms
from operator_push.cli.printing import json_option, print_json
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import open_store
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.domain.invoicing.periods import local_date
from operator_push.domain.invoicing.standing import DunningState, Owed, Standing, standings
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.money import format_micros
from operator_push.services.correct_invoices import (
    draft_receipt,
)
from operator_push.services.issue_invoices import Draft, FinalDocument, series_of
from operator_push.store.database import Database
from operator_push.store.invoice_rows import (
    REMINDED,
    StoredInvoices,
    add_event,
    billed_account,
    document_about,
    document_numbered,
    owed_invoices,
    payments_micros,
    received,
)


@click.command()
@click.argument("number")
@click.option("--note", default="", help="How the customer was reminded.")
@json_option
@with_settings
def remind(settings: Settings, as_json: bool, number: str, note: str) -> None:
    """Note that the customer was reminded of the invoice NUMBER, which is overdue."""
    with open_store(settings) as database:
        standing, _ = database.read(lambda connection: standing_of(settings, connection, number))
        if standing.state not in (DunningState.OVERDUE, DunningState.REMINDED):
            raise OperatorError(f"{number} is {standing.state.value.replace('_', ' ')}, not overdue")
        note_event(database, number, REMINDED, 0, note)
        standing, _ = database.read(lambda connection: standing_of(settings, connection, number))
    print_standing(standing, as_json)


@click.command()
@click.argument("account")
@click.argument("reference")
@json_option
@with_settings
def receipt(settings: Settings, as_json: bool, account: str, reference: str) -> None:
    """Issue the receipt of a top-up or payment of ACCOUNT by its REFERENCE; a second call shows it again."""
    terms = invoice_terms(settings, issuing=True)
    with open_store(settings) as database:
        billed = database.read(lambda connection: billed_account(connection, account))
        money = database.read(lambda connection: received(connection, billed.account_no, reference))
        if money is None:
            raise OperatorError(f"{account} has no top-up or payment with the reference {reference!r}")
        final = kept(database, draft_receipt(billed, terms, money, now_us()))
    print_final(final, as_json)


def kept(database: Database, draft: Draft) -> FinalDocument:
    """The draft as a final document; where its subject has one, that."""
    series = series_of(draft.series, draft.document)
    final = StoredInvoices(database).write(draft, series, now_us(), who_asks())
    final = final or database.read(lambda connection: document_about(connection, draft.subject))
    if final is None:
        raise ResourceError("the document is gone that was there a moment ago; try again")
    return final


def invoice_and_owed(connection: Connection, number: str) -> tuple[FinalDocument, Owed]:
    """The invoice of a number with what came after it.

    Raises:
        OperatorError: no document has the number, or it is no invoice.
    """
    final = document_numbered(connection, number)
    for owed in owed_invoices(connection, final.account_no):
        if owed.number == number:
            return final, owed
    raise OperatorError(f"{number} is no invoice")


def standing_of(settings: Settings, connection: Connection, number: str) -> tuple[Standing, str]:
    """Where an invoice stands today, and the name of its account."""
    final, _ = invoice_and_owed(connection, number)
    today = local_date(now_us(), settings.invoices.zone).isoformat()
    owed = owed_invoices(connection, final.account_no)
    found = standings(owed, payments_micros(connection, final.account_no), today)
    return next(each for each in found if each.number == number), final.document.account


def note_event(database: Database, number: str, kind: str, amount_micros: int, note: str) -> None:
    """Note what happened to an invoice, and who said so."""
    by, at_us = who_asks(), now_us()
    database.run(lambda connection: add_event(connection, number, kind, amount_micros, note, at_us, by))


def print_final(final: FinalDocument, as_json: bool) -> None:
    """For people, or as JSON."""
    if as_json:
        print_json(draft_or_final_json(final.document, final))
    else:
        print_document(final.document)


def print_standing(standing: Standing, as_json: bool) -> None:
    """In words, or as JSON."""
    if as_json:
        told = {name: getattr(standing, name) for name in standing.__struct_fields__}
        print_json(told | {"state": standing.state.value})
        return
    left = f", {format_micros(standing.open_micros)} open" if standing.open_micros else ""
    times = f", reminded {standing.reminders} times" if standing.reminders else ""
    click.echo(f"{standing.number} is {standing.state.value.replace('_', ' ')}{left}{times}")


def now_us() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000
