"""operator-push invoice close-month: every account's invoice of a month, in one command for a scheduler.

For each account the invoice is issued, what was given back of it before gets its credit notes, and a tariff
document's month is closed. Law: repeating it, also after a crash half-way, makes nothing twice; an account
that cannot be closed yet keeps none of the others waiting.
"""

from functools import partial
from pathlib import Path
from typing import Any

import click
import msgspec
from sqlalchemy import Connection

from operator_push.cli import invoice_corrections as corrections
from operator_push.cli.earlier_credits import notes_of_earlier_credits
from operator_push.cli.invoice_files import write_out
from operator_push.cli.invoice_terms import invoice_terms, prefix_digits
from operator_push.cli.month_closing import close_account_month
from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import open_store
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.documents.amounts import for_people
from operator_push.documents.csv_lines import lines_csv
from operator_push.documents.ubl import document_ubl
from operator_push.domain.invoicing.document import DocumentKind
from operator_push.domain.invoicing.periods import last_due_month, month_before, month_of, months_after
from operator_push.kernel.errors import MoneyInvariantError, OperatorError, ResourceError
from operator_push.kernel.instants import parse_iso
from operator_push.services.issue_invoices import FinalDocument, InvoiceTerms, draft_invoice, issue_invoice
from operator_push.services.registry import Account
from operator_push.store.closed_months import last_closed_month, note_closed
from operator_push.store.database import Database
from operator_push.store.document_rows import tariff_at
from operator_push.store.invoice_rows import StoredInvoices, billed_account, documents
from operator_push.store.small_rows import accounts

NOT_YET = 75  # exit status: something that is needed is not there now, see `operator-push --help`


class Closed(msgspec.Struct):
    """What became of one account: `did` issued, was issued, or nothing charged; `left` what is left to do."""

    account: str
    did: str
    number: str = ""
    total_micros: int = 0
    currency: str = ""
    notes: tuple[str, ...] = ()
    postings: int = 0
    left: tuple[str, ...] = ()
    month: str = ""


@click.command("close-month")
@click.option("--month", metavar="YYYY-MM", help="This month [default: the last].")
@click.option("--account", "only", multiple=True, metavar="NAME", help="Only this account; repeat for more.")
@click.option(
    "--due",
    is_flag=True,
    help="What the server closes by itself: the months that are due, of the accounts that asked for it.",
)
@click.option("--drafts", is_flag=True, help="Show what would be issued; nothing is kept or posted.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write each document there as PDF, CSV and, where it has one, UBL.",
)
@json_option
@with_settings
def close_month(
    settings: Settings,
    as_json: bool,
    month: str | None,
    only: tuple[str, ...],
    due: bool,
    drafts: bool,
    out: Path | None,
) -> None:
    """Issue the invoices of a month to every account, and close the months of tariff documents.

    Run it from a scheduler on the first days of a month, as often as you like: what is done already is not
    done again. Exit status 75 where something waits, such as messages that have not ended; run it again then.
    """
    if due:
        if month or only or drafts:
            raise OperatorError("--due goes by [invoices] alone; leave out --month, --account and --drafts")
        with open_store(settings) as database:
            _finish(close_due_months(settings, database, out), None, as_json)
        return
    zone = settings.invoices.zone
    now_us = corrections.now_us()
    named = month or month_before(now_us, zone)
    until_us = month_of(named, zone)[1]
    if until_us > now_us:
        raise OperatorError(f"{named} has not passed yet in {zone}")
    terms = invoice_terms(settings, issuing=not drafts)
    with open_store(settings) as database:
        database.read(lambda connection: [billed_account(connection, name) for name in only])
        names = only or tuple(account.name for account in database.read(accounts))
        closing = MonthClosing(settings, database, terms, named)
        found = [closing.drafted(name) if drafts else closing.closed(name) for name in names]
        if out is not None:
            for each in found:
                closing.write_files(each, out)
    _finish(found, named, as_json)


def close_due_months(settings: Settings, database: Database, out: Path | None) -> list[Closed]:
    """Close every month that is due and was not closed, of the accounts that [invoices] close_months names.

    An account's first is the last month that is due; later ones follow one by one, and one that must wait
    keeps those after it waiting. Documents are written to `out`, or to [invoices] documents_folder.

    Raises:
        OperatorError: the operator has no name, or a file cannot be written.
    """
    invoices, now_us = settings.invoices, corrections.now_us()
    due = last_due_month(now_us, invoices.zone, invoices.close_on_day, invoices.close_at_hour)
    folder = out or invoices.documents_folder
    terms = invoice_terms(settings, issuing=invoices.close_months != "off")
    found: list[Closed] = []
    for account in database.read(accounts):
        if not _asks(account, invoices.close_months):
            continue
        for month in _months_left(database, account, due):
            closing = MonthClosing(settings, database, terms, month)
            if account.created_us >= closing.until_us:
                continue
            told = closing.closed(account.name)
            found.append(told)
            if folder is not None:
                closing.write_files(told, folder)
            if told.left:
                break
            database.run(partial(_note, account.account_no, month))
    return found


def _asks(account: Account, close_months: str) -> bool:
    said = (account.terms.billing or {}).get("every_month", "yes" if close_months == "all" else "no")
    return close_months != "off" and said == "yes"


def _months_left(database: Database, account: Account, due: str) -> list[str]:
    last = database.read(lambda connection: last_closed_month(connection, account.account_no))
    return months_after(last, due) if last else [due]


def _note(account_no: int, month: str, connection: Connection) -> None:
    note_closed(connection, account_no, month, corrections.now_us(), who_asks())


class MonthClosing:
    """One month of one installation."""

    def __init__(self, settings: Settings, database: Database, terms: InvoiceTerms, month: str) -> None:
        self._settings = settings
        self._database = database
        self._terms = terms
        self._month = month
        self.until_us = month_of(month, settings.invoices.zone)[1]
        self._store = StoredInvoices(database, prefix_digits(settings))

    def drafted(self, account: str) -> Closed:
        """What would be issued."""
        if (final := self._issued(account)) is not None:
            return _told(account, "was issued", final)
        terms, until_us, now_us = self._terms, self.until_us, corrections.now_us()
        document = self._store.draft(
            lambda books: draft_invoice(books, terms, until_us, now_us), account
        ).document
        did = "draft" if document.lines else "nothing charged"
        return Closed(account, did, total_micros=document.total_micros, currency=document.currency)

    def closed(self, account: str) -> Closed:
        """Issue what is not issued yet, and post what closes the month."""
        try:
            told = self._closed(account)
        except (OperatorError, ResourceError, MoneyInvariantError) as error:
            told = Closed(account, "nothing", left=(str(error),))
        told.month = self._month
        return told

    def _closed(self, account: str) -> Closed:
        final, did = self._issued(account), "was issued"
        if final is None:
            told = self.drafted(account)
            if told.did != "draft":
                told.left, told.postings = self._month_of_tariff(account)
                return told
            did, final = "issued", self._issue(account)
        notes, left = notes_of_earlier_credits(self._database, self._terms, final)
        told = _told(account, did, final)
        more, told.postings = self._month_of_tariff(account)
        told.notes, told.left = tuple(note.number for note in notes), (*left, *more)
        return told

    def _issue(self, account: str) -> FinalDocument:
        now_us = corrections.now_us()
        try:
            return issue_invoice(self._store, account, self._terms, self.until_us, now_us, who_asks())
        except OperatorError:
            # Another server or a person was faster: theirs is the invoice of this month.
            final = self._issued(account)
            if final is None:
                raise
            return final

    def write_files(self, closed: Closed, folder: Path) -> None:
        """The files of an account's invoice of the month and of the credit notes on it.

        Raises:
            OperatorError: the folder or a file cannot be written, or a font lacks a character.
        """
        if not closed.number:
            return
        from operator_push.documents.pdf import document_pdf  # takes a third of a second to load

        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OperatorError(f"cannot be made: {error.strerror}", file=str(folder)) from error
        for final in self._database.read(lambda connection: documents(connection, closed.account)):
            if closed.number not in (final.number, final.document.about):
                continue
            pdf = document_pdf(final.document, self._settings.invoices.font_file)
            write_out(pdf, folder / f"{final.number}.pdf")
            write_out(lines_csv(final.document).encode(), folder / f"{final.number}.csv")
            try:
                octets = document_ubl(final.document)
            except OperatorError as error:
                click.echo(f"{final.number} has no UBL: {error}", err=True)
                continue
            write_out(octets, folder / f"{final.number}.xml")

    def _issued(self, account: str) -> FinalDocument | None:
        """The invoice that holds the end of the month."""
        for final in self._database.read(lambda connection: documents(connection, account)):
            document = final.document
            if document.kind is DocumentKind.INVOICE and parse_iso(document.period_until) >= self.until_us:
                return final
        return None

    def _month_of_tariff(self, account: str) -> tuple[tuple[str, ...], int]:
        """What is left to do, and how many postings close the month; nothing where simple rows price."""
        tariff = self._database.read(
            lambda connection: tariff_at(
                connection, billed_account(connection, account).terms.tariff, self.until_us - 1
            )
        )
        if tariff is None:
            return (), 0
        try:
            made = close_account_month(self._settings, self._database, account, self._month)
        except (OperatorError, ResourceError) as error:
            return (str(error),), 0
        return (), len(made)


def _told(account: str, did: str, final: FinalDocument) -> Closed:
    document = final.document
    return Closed(account, did, final.number, document.total_micros, document.currency)


def _finish(found: list[Closed], month: str | None, as_json: bool) -> None:
    """Print what became of each account; status 75 where something is left to do.

    Raises:
        SystemExit: with it.
    """
    if as_json:
        accounts_json: list[dict[str, Any]] = [msgspec.to_builtins(each) for each in found]
        print_json({"month": month, "accounts": accounts_json})
    else:
        print_table(("ACCOUNT", "MONTH", "WHAT", "NUMBER", "TOTAL"), map(_row, found))
        for each in found:
            for why in each.left:
                click.echo(f"{each.account} waits: {why}", err=True)
    if any(each.left for each in found):
        raise SystemExit(NOT_YET)


def _row(closed: Closed) -> tuple[str, ...]:
    total = f"{for_people(closed.total_micros)} {closed.currency}".strip()
    return closed.account, closed.month, closed.did, closed.number, total
