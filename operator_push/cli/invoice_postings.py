"""operator-push invoice credit-note and write-off: postings of the running server, noted on their invoice."""

from dataclasses import dataclass

import click

from operator_push.cli import invoice_corrections as corrections
from operator_push.cli.control_client import ControlClient
from operator_push.cli.invoice_corrections import (
    invoice_and_owed,
    kept,
    note_event,
    print_final,
    print_standing,
    standing_of,
)
from operator_push.cli.invoice_terms import invoice_terms
from operator_push.cli.printing import json_option
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import open_store
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import parse_amount
from operator_push.services.correct_invoices import (
    check_credit,
    credit_subject,
    draft_credit_note,
    posted_tax_micros,
)
from operator_push.services.issue_invoices import FinalDocument
from operator_push.store.database import Database
from operator_push.store.invoice_credits import give_up_credit, reserve_credit
from operator_push.store.invoice_rows import WRITTEN_OFF, document_about


@click.command("credit-note")
@click.argument("number")
@click.argument("amount", type=str)
@click.option("--reason", required=True, help="Why; it stands on the credit note.")
@click.option("--reference", required=True, help="Your own name for it; the same again does nothing.")
@click.option("--message", type=int, default=0, metavar="ID", help="The message that it is about.")
@click.option("--line", type=int, help="The line whose taxes are in it, where lines bear different ones.")
@json_option
@with_settings
def credit_note(
    settings: Settings,
    as_json: bool,
    number: str,
    amount: str,
    reason: str,
    reference: str,
    message: int,
    line: int | None,
) -> None:
    """Give AMOUNT of the invoice NUMBER back: posted to the ledger by the server, and a numbered credit note.

    The amount includes its taxes, as the invoice's lines do.
    """
    with open_store(settings) as database, server_of(settings) as server:
        credit = Credit(number, parse_amount(amount), reason, reference, message, line)
        final = credit_invoice(settings, database, server, credit)
    print_final(final, as_json)


@dataclass(frozen=True, slots=True)
class Credit:
    """What is given back of an invoice, and why; `line` says whose taxes are in it."""

    number: str
    micros: int
    reason: str
    reference: str
    message_id: int = 0
    line: int | None = None


def credit_invoice(
    settings: Settings, database: Database, server: ControlClient, credit: Credit
) -> FinalDocument:
    """Reserve it, let the server post it, and issue the credit note; each once, whenever it is repeated.

    Raises:
        OperatorError: it is more than is left of the invoice, or the server refuses the posting.
    """
    terms, reference, micros = invoice_terms(settings, issuing=True), credit.reference, credit.micros
    invoice, owed = database.read(lambda connection: invoice_and_owed(connection, credit.number))
    subject = credit_subject(invoice.account_no, reference)
    final = database.read(lambda connection: document_about(connection, subject))
    if final is not None:
        if (final.document.about, final.document.total_micros) != (credit.number, micros):
            raise OperatorError(f"reference {reference!r} was used for {final.number}, which says otherwise")
        return final
    check_credit(invoice, owed, micros, credit.line)
    now_us, by = corrections.now_us(), who_asks()
    database.run(lambda connection: reserve_credit(connection, invoice, reference, micros, now_us, by))
    # The posting of a tax stands beside that of the amount, and both give back.
    tax = posted_tax_micros(invoice.document, micros, credit.line)
    asked = {"account": invoice.document.account, "amount_micros": micros - tax, "tax_micros": tax}
    asked |= {"reference": reference, "message_id": credit.message_id, "reason": credit.reason}
    try:
        server.call("ledger.post", kind="credit-note", by=by, **asked)
    except OperatorError:
        database.run(lambda connection: give_up_credit(connection, invoice, reference, now_us, by))
        raise
    return kept(
        database, draft_credit_note(invoice, terms, reference, micros, credit.reason, credit.line, now_us)
    )


@click.command("write-off")
@click.argument("number")
@click.option("--reason", required=True, help="Why, for whoever reads the ledger later.")
@json_option
@with_settings
def write_off(settings: Settings, as_json: bool, number: str, reason: str) -> None:
    """Give up what is open of the invoice NUMBER: posted to the ledger by the server, once."""
    with open_store(settings) as database:
        standing, account = database.read(lambda connection: standing_of(settings, connection, number))
        if not standing.open_micros:
            raise OperatorError(f"{number} has nothing open; it is {standing.state.value.replace('_', ' ')}")
        asked = {"account": account, "amount_micros": standing.open_micros, "reason": reason}
        with server_of(settings) as server:
            server.call(
                "ledger.post", kind="write-off", reference=f"write-off {number}", by=who_asks(), **asked
            )
        note_event(database, number, WRITTEN_OFF, standing.open_micros, reason)
        standing, _ = database.read(lambda connection: standing_of(settings, connection, number))
    print_standing(standing, as_json)
