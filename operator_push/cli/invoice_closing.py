"""operator-push invoice close-month: every account's invoice of a month, in one command for a scheduler.

For each account the invoice is issued, what was given back of it before gets its credit notes, and a tariff
document's month is closed. Law: repeating it, also after a crash half-way, makes nothing twice; an account
that cannot be closed yet keeps none of the others waiting.
"""

from pathlib import Path
from typing import Any

import click
import msgspec

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
from operator_push.domain.invoicing.periods import month_before, month_of
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.instants import parse_iso
from operator_push.services.issue_invoices import FinalDocument, InvoiceTerms, draft_invoice, issue_invoice
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


@click.command("close-month")
@click.option("--month", metavar="YYYY-MM", help="This month [default: the last].")
@click.option("--account", "only", multiple=True, metavar="NAME", help="Only this account; repeat for more.")
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
    drafts: bool,
    out: Path | None,
) -> None:
    """Issue the invoices of a month to every account, and close the months of tariff documents.

    Run it from a scheduler on the first days of a month, as often as you like: what is done already is not
    done again. Exit status 75 where something waits, such as messages that have not ended; run it again then.
    """
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
        closing = _Closing(settings, database, terms, named, until_us)
        found = [closing.drafted(name) if drafts else closing.closed(name) for name in names]
        if out is not None:
            closing.write_files([each for each in found if each.number], out)
    _print(found, named, as_json)
    if any(each.left for each in found):
        raise SystemExit(NOT_YET)


class _Closing:
    """One month of one installation."""

    def __init__(
        self, settings: Settings, database: Database, terms: InvoiceTerms, month: str, until_us: int
    ) -> None:
        self._settings = settings
        self._database = database
        self._terms = terms
        self._month = month
        self._until_us = until_us
        self._store = StoredInvoices(database, prefix_digits(settings))

    def drafted(self, account: str) -> Closed:
        """What would be issued."""
        if (final := self._issued(account)) is not None:
            return _told(account, "was issued", final)
        terms, until_us, now_us = self._terms, self._until_us, corrections.now_us()
        document = self._store.draft(
            lambda books: draft_invoice(books, terms, until_us, now_us), account
        ).document
        did = "draft" if document.lines else "nothing charged"
        return Closed(account, did, total_micros=document.total_micros, currency=document.currency)

    def closed(self, account: str) -> Closed:
        """Issue what is not issued yet, and post what closes the month."""
        final, did = self._issued(account), "was issued"
        if final is None:
            told = self.drafted(account)
            if told.did != "draft":
                told.left, told.postings = self._month_of_tariff(account)
                return told
            did, now_us = "issued", corrections.now_us()
            final = issue_invoice(self._store, account, self._terms, self._until_us, now_us, who_asks())
        notes, left = notes_of_earlier_credits(self._database, self._terms, final)
        told = _told(account, did, final)
        more, told.postings = self._month_of_tariff(account)
        told.notes, told.left = tuple(note.number for note in notes), (*left, *more)
        return told

    def write_files(self, found: list[Closed], folder: Path) -> None:
        """The files of the month's invoices and of the credit notes on them.

        Raises:
            OperatorError: the folder or a file cannot be written, or a font lacks a character.
        """
        from operator_push.documents.pdf import document_pdf  # takes a third of a second to load

        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OperatorError(f"cannot be made: {error.strerror}", file=str(folder)) from error
        wanted = {each.number for each in found}
        for final in self._database.read(documents):
            if final.number not in wanted and final.document.about not in wanted:
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
            if document.kind is DocumentKind.INVOICE and parse_iso(document.period_until) >= self._until_us:
                return final
        return None

    def _month_of_tariff(self, account: str) -> tuple[tuple[str, ...], int]:
        """What is left to do, and how many postings close the month; nothing where simple rows price."""
        tariff = self._database.read(
            lambda connection: tariff_at(
                connection, billed_account(connection, account).terms.tariff, self._until_us - 1
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


def _print(found: list[Closed], month: str, as_json: bool) -> None:
    if as_json:
        accounts_json: list[dict[str, Any]] = [msgspec.to_builtins(each) for each in found]
        print_json({"month": month, "accounts": accounts_json})
        return
    rows = (
        (each.account, each.did, each.number, f"{for_people(each.total_micros)} {each.currency}".strip())
        for each in found
    )
    print_table(("ACCOUNT", "WHAT", "NUMBER", "TOTAL"), rows)
    for each in found:
        for why in each.left:
            click.echo(f"{each.account} waits: {why}", err=True)
