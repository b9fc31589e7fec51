"""operator-push tariff close-month: what only a whole month tells, posted by the server, each once."""

from typing import Any

import click
from sqlalchemy import Connection

from operator_push.cli import invoice_corrections as corrections
from operator_push.cli.control_client import ControlClient
from operator_push.cli.invoice_postings import Credit, credit_invoice
from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import open_store
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.domain.invoicing.document import DocumentKind
from operator_push.domain.invoicing.periods import month_of
from operator_push.domain.rating.document import TariffDocument
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso
from operator_push.kernel.money import format_micros
from operator_push.services.close_months import GIVEN_BACK, ClosingPosting, closing_of
from operator_push.services.issue_invoices import BilledAccount, FinalDocument
from operator_push.store.correction_rows import known_correction
from operator_push.store.database import Database
from operator_push.store.document_rows import tariff_at
from operator_push.store.invoice_rows import billed_account, documents
from operator_push.store.month_rows import month_messages, open_in_month


@click.command("close-month")
@click.argument("account")
@click.argument("month", metavar="YYYY-MM")
@click.option("--dry-run", is_flag=True, help="Tell what would be posted, and post nothing.")
@json_option
@with_settings
def close_month(settings: Settings, as_json: bool, account: str, month: str, dry_run: bool) -> None:
    """Post what closes the MONTH of ACCOUNT: bundles, contacts' months still unpaid, all-units prices.

    What is given back is a credit note on the invoice of the month; charges are on the next invoice. Repeat
    it whenever it was interrupted: each posting is made once.
    """
    with open_store(settings) as database:
        shown = close_account_month(settings, database, account, month, dry_run=dry_run)
    if as_json:
        print_json({"account": account, "month": month, "posted": not dry_run, "postings": shown})
        return
    rows = [(each["reference"], each["kind"], format_micros(each["amount_micros"])) for each in shown]
    print_table(("WHAT", "KIND", "AMOUNT"), rows)


def close_account_month(
    settings: Settings, database: Database, account: str, month: str, *, dry_run: bool = False
) -> list[dict[str, Any]]:
    """Post what closes an account's month and was not posted yet; every posting of it, as JSON values.

    Raises:
        OperatorError: the account pays by no tariff document, the month has not passed, messages of it are
            open, or its invoice is missing where something is given back.
    """
    billed = database.read(lambda connection: billed_account(connection, account))
    tariff, postings = database.read(lambda connection: _closing(connection, billed, month))
    known = database.read(
        lambda connection: {
            each.reference: known_correction(connection, billed.account_no, each.reference)
            for each in postings
        }
    )
    made = [(each, known[each.reference] is not None) for each in postings]
    # A credit note that was posted may still be without its document.
    left = [posting for posting, was in made if not was or posting.kind == GIVEN_BACK]
    if left and not dry_run:
        with server_of(settings) as server:
            for posting in left:
                _post(settings, database, server, billed, month, tariff, posting)
    return [_shown(posting, was) for posting, was in made]


def _closing(
    connection: Connection, billed: BilledAccount, month: str
) -> tuple[TariffDocument, list[ClosingPosting]]:
    named = billed.terms.tariff
    tariff = tariff_at(connection, named, corrections.now_us())
    if tariff is None:
        raise OperatorError(f"{billed.name} pays by simple rows; only a tariff document has months to close")
    begin_us, end_us = month_of(month, tariff.zone)
    if end_us > corrections.now_us():
        raise OperatorError(f"{month} has not passed yet in {tariff.zone}")
    if waiting := open_in_month(connection, billed.account_no, begin_us, end_us):
        raise OperatorError(
            f"{waiting} messages of {month} have not ended yet; close it when they have, at the latest "
            "when their holds have expired (charging.hold_expires_s)"
        )
    tariff = tariff_at(connection, named, end_us - 1) or tariff
    messages = month_messages(connection, billed.account_no, tariff.tariff, begin_us, end_us)
    return tariff, closing_of(month, end_us - 1, tariff, billed.name, billed.currency, messages)


def _post(
    settings: Settings,
    database: Database,
    server: ControlClient,
    billed: BilledAccount,
    month: str,
    tariff: TariffDocument,
    posting: ClosingPosting,
) -> None:
    if posting.kind == GIVEN_BACK:
        _, end_us = month_of(month, tariff.zone)
        invoice = database.read(lambda connection: _invoice_of(connection, billed.name, month, end_us))
        lines = enumerate(invoice.document.lines, start=1)
        line = next((no for no, each in lines if each.what.startswith(f"segments, {posting.price}")), None)
        credit = Credit(invoice.number, posting.amount_micros, posting.reason, posting.reference, line=line)
        credit_invoice(settings, database, server, credit)
        return
    asked = {"account": billed.name, "amount_micros": posting.amount_micros, "reason": posting.reason}
    asked["tax_micros"] = posting.tax_micros
    server.call("ledger.post", kind=posting.kind, reference=posting.reference, by=who_asks(), **asked)


def _invoice_of(connection: Connection, account: str, month: str, end_us: int) -> FinalDocument:
    """The invoice that holds the end of the month."""
    for final in documents(connection, account=account):
        document = final.document
        if document.kind is DocumentKind.INVOICE and parse_iso(document.period_until) >= end_us:
            return final
    raise OperatorError(
        f"issue the invoice of {month} first (operator-push invoice issue {account} --month {month}): "
        "what the month gives back is a credit note on it"
    )


def _shown(posting: ClosingPosting, was_posted: bool) -> dict[str, Any]:
    told = {
        name: getattr(posting, name)
        for name in ("reference", "kind", "amount_micros", "tax_micros", "reason")
    }
    return told | {"was_posted": was_posted}
