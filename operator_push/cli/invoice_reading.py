"""operator-push invoice statement, detail and verify: what can be read from ledger and documents together."""

import csv
import io
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from operator_push.cli.invoice_files import out_option, write_out
from operator_push.cli.invoice_terms import place_of
from operator_push.cli.moments import moment_of
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import read_store
from operator_push.config import Settings
from operator_push.documents.amounts import exactly
from operator_push.domain.invoicing.charges import LATE
from operator_push.domain.invoicing.document import DocumentKind
from operator_push.domain.invoicing.periods import local_iso, month_before, month_of
from operator_push.domain.invoicing.statement import Statement, entries_of
from operator_push.domain.message import TrafficClass
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.instants import iso, parse_iso, to_epoch_us
from operator_push.kernel.money import format_micros
from operator_push.kernel.numbering import mask_number
from operator_push.services.billing_identity import buyer_of
from operator_push.services.issue_invoices import BilledAccount
from operator_push.store.invoice_proof import invoice_errors
from operator_push.store.invoice_rows import billed_account, document_numbered
from operator_push.store.proof_rows import account_names
from operator_push.store.statement_rows import charged_messages, moved_money

DOES_NOT_HOLD = 1  # exit status, see `operator-push --help`

# Name → meaning, in the order of the file.
DETAIL_COLUMNS = {
    "message_id": "Our id of the message, or of the charge where it is of none.",
    "what": "settle, late charge or charge.",
    "account": "Whose message it was.",
    "accepted_at": "When it was accepted: ISO 8601, UTC.",
    "charged_at": "When it was charged.",
    "traffic_class": "transactional, service or promotional.",
    "sender": "Sender address.",
    "recipient": "Masked.",
    "country": "ISO 3166-1 of the recipient's number.",
    "network": "PLMN by the network rows (operator-push network list).",
    "segments": "Segments of the message.",
    "price": "Price of a segment.",
    "amount": "What was charged, six decimals.",
}


@click.command()
@click.argument("account")
@click.option("--month", metavar="YYYY-MM", help="This month [default: the last].")
@click.option("--from", "begin", metavar="MOMENT", help="From this moment instead; with --until.")
@click.option("--until", metavar="MOMENT", help="Up to this moment, itself no longer in.")
@click.option(
    "--pdf",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it as PDF, for the customer.",
)
@json_option
@with_settings
def statement(
    settings: Settings,
    as_json: bool,
    account: str,
    month: str | None,
    begin: str | None,
    until: str | None,
    pdf: Path | None,
) -> None:
    """Show what the money of ACCOUNT was, what moved it day by day, and what it is.

    It counts what is available and what is held for messages on their way, less the credit line.
    """
    zone = settings.invoices.zone
    if (begin is None) is not (until is None) or (month is not None and until is not None):
        raise OperatorError("say --month, or --from and --until")
    if begin is not None and until is not None:
        from_us, until_us = to_epoch_us(moment_of(begin)), to_epoch_us(moment_of(until))
    else:
        from_us, until_us = month_of(month or month_before(time.time_ns() // 1000, zone), zone)
    billed, made = read_store(
        settings, lambda connection: _statement(connection, account, from_us, until_us, zone)
    )
    if pdf is not None:
        from operator_push.documents.statement_pdf import statement_pdf  # takes a third of a second to load

        invoices = settings.invoices
        buyer = buyer_of(account, billed.terms.billing)
        write_out(statement_pdf(made, invoices.seller, buyer, invoices.font_file), pdf)
    if as_json:
        entries = [{name: getattr(entry, name) for name in entry.__struct_fields__} for entry in made.entries]
        print_json({name: getattr(made, name) for name in made.__struct_fields__} | {"entries": entries})
    else:
        _print_statement(made)


@click.command()
@click.argument("number")
@out_option
@json_option
@with_settings
def detail(settings: Settings, as_json: bool, number: str, out: Path | None) -> None:
    """Write every charge of the invoice NUMBER as CSV, one message a row, recipients masked.

    The column amount sums to the invoice's lines, save what was posted after the invoice of its time.
    """
    rows, beyond_micros = read_store(settings, lambda connection: _detail(connection, settings, number))
    if as_json:
        print_json([dict(zip(DETAIL_COLUMNS, row, strict=True)) for row in rows])
    else:
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(DETAIL_COLUMNS)
        writer.writerows(rows)
        write_out(text.getvalue().encode(), out)
    if beyond_micros:
        click.echo(
            f"{format_micros(beyond_micros)} of these charges were posted after {number} was issued "
            "and are on the next one",
            err=True,
        )


@click.command()
@json_option
@with_settings
def verify(settings: Settings, as_json: bool) -> None:
    """Prove documents against their hashes, their numbers, and the ledger. Exit status 1 where one fails."""
    errors = read_store(settings, lambda connection: list(invoice_errors(connection)))
    if as_json:
        print_json({"ok": not errors, "errors": len(errors), "first_error": errors[0] if errors else None})
    else:
        click.echo("\n".join(errors) if errors else "Every document is what was issued.")
    if errors:
        raise SystemExit(DOES_NOT_HOLD)


def _statement(
    connection: Connection, account: str, from_us: int, until_us: int, zone: str
) -> tuple[BilledAccount, Statement]:
    billed = billed_account(connection, account)
    opening, moved = moved_money(connection, billed.account_no, from_us, until_us)
    entries = entries_of(opening, moved, zone)
    return billed, Statement(
        account=account,
        currency=billed.currency,
        zone=zone,
        period_from=local_iso(from_us, zone),
        period_until=local_iso(until_us, zone),
        opening_micros=opening,
        entries=entries,
        closing_micros=entries[-1].balance_micros if entries else opening,
    )


def _print_statement(made: Statement) -> None:
    print_fields(
        [
            ("account", made.account),
            ("period", f"{made.period_from} until {made.period_until}"),
            ("opening", f"{format_micros(made.opening_micros)} {made.currency}"),
        ]
    )
    rows = [
        (
            entry.date,
            entry.what,
            f"{entry.postings:,}",
            format_micros(entry.amount_micros),
            format_micros(entry.balance_micros),
        )
        for entry in made.entries
    ]
    if rows:
        print_table(("DATE", "WHAT", "POSTINGS", "AMOUNT", "BALANCE"), rows)
    print_fields([("closing", f"{format_micros(made.closing_micros)} {made.currency}")])


def _detail(connection: Connection, settings: Settings, number: str) -> tuple[list[Sequence[Any]], int]:
    """The rows, and what they come to beyond the invoice's lines."""
    final = document_numbered(connection, number)
    document = final.document
    if document.kind is not DocumentKind.INVOICE:
        raise OperatorError(f"{number} is no invoice")
    period = (parse_iso(document.period_from), parse_iso(document.period_until))
    due = sum(line.amount_micros for line in document.lines if not line.what.startswith(LATE))
    rows, sum_micros = [], 0
    for amount, row in _detail_rows(connection, settings, final.account_no, period):
        rows.append(row)
        sum_micros += amount
    return rows, sum_micros - due


def _detail_rows(
    connection: Connection, settings: Settings, account_no: int, period: tuple[int, int]
) -> Iterator[tuple[int, Sequence[Any]]]:
    names, place = account_names(connection), place_of(settings)
    classes = {int(member): member.name.lower() for member in TrafficClass}
    for charge in charged_messages(connection, account_no, *period):
        number = charge.destination
        country, network = place(number) if number else ("", "")
        row = (
            charge.reference,
            charge.kind.name.lower().replace("_", " "),
            names.get(charge.account_no, f"account {charge.account_no}"),
            iso(id_epoch_us(charge.reference)),
            iso(charge.at_us),
            classes.get(charge.traffic_class, ""),
            charge.source,
            mask_number(number) if number else "",
            country,
            network,
            charge.segment_count,
            exactly(charge.price_micros),
            exactly(charge.amount_micros),
        )
        yield charge.amount_micros, row
